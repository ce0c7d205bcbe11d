import json

import requests

import access_token
import DPAPI
import settings

server = settings.server
client_secret = DPAPI.decrypt(settings.encrypted_secret)
token = access_token.getAccessToken(server, settings.client_id, client_secret, settings.scope)

response = requests.get(
    "https://" + server + "/rest.core/api/Groups?q=*",
    headers={"Authorization": f"Bearer {token['access_token']}"},
)

print("The following is the list of groups and their IDs:")
data = json.loads(response.text)
for group in data["results"]:
    print(group["name"] + ": " + group["id"])
