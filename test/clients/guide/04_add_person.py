import json

import requests

import access_token
import DPAPI
import settings

server = settings.server
client_secret = DPAPI.decrypt(settings.encrypted_secret)
token = access_token.getAccessToken(server, settings.client_id, client_secret, settings.scope)

with open("addperson.json") as f:
    addperson = f.read()

response = requests.post(
    "https://" + server + "/rest.core/api/People?confirm=false",
    headers={
        "Authorization": f"Bearer {token['access_token']}",
        "Content-Type": "application/json",
        "accept": "application/json",
    },
    data=addperson,
)

if response.status_code == 200:
    print("Person added to MyID with an ID of:")
    returnedData = json.loads(response.text)
    print(returnedData["id"])
else:
    print("An error occurred:")
    print(response.text)
