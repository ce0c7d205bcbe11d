import json
import sys

import requests

import access_token
import DPAPI
import settings

server = settings.server
client_secret = DPAPI.decrypt(settings.encrypted_secret)
token = access_token.getAccessToken(server, settings.client_id, client_secret, settings.scope)

# The change to make is the first argument; the guide's is a new last name.
updatePerson = json.dumps({"name": {"last": "Jones"}}) if len(sys.argv) < 2 else sys.argv[1]

personLogon = "susan.smith" if len(sys.argv) < 3 else sys.argv[2]
response = requests.get(
    "https://" + server + "/rest.core/api/People?logonName=" + personLogon,
    headers={"Authorization": f"Bearer {token['access_token']}"},
)
returnedData = json.loads(response.text)

if len(returnedData["results"]) > 0:
    personID = returnedData["results"][0]["id"]
    response = requests.patch(
        "https://" + server + "/rest.core/api/People/" + personID + "?confirm=false",
        headers={
            "Authorization": f"Bearer {token['access_token']}",
            "Content-Type": "application/json",
            "accept": "application/json",
        },
        data=updatePerson,
    )
    if response.status_code == 200:
        print("Person updated in MyID. The new last name is:")
        returnedData = json.loads(response.text)
        print(returnedData["name"]["last"])
    else:
        print("An error occurred:")
        print(response.text)
        print(response.status_code)
else:
    print("Error: a person with the logon name " + personLogon + " was not found.")
