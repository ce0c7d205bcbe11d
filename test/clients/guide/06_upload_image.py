import base64
import json

import requests

import access_token
import DPAPI
import settings

server = settings.server
client_secret = DPAPI.decrypt(settings.encrypted_secret)
token = access_token.getAccessToken(server, settings.client_id, client_secret, settings.scope)

with open("susan.smith.jpg", "rb") as f:
    img_base64 = base64.b64encode(f.read()).decode("utf-8")

updatePerson = json.dumps({"image": {"data": img_base64, "mimetype": "image/jpeg"}})

personLogon = "susan.smith"
response = requests.get(
    "https://" + server + "/rest.core/api/People?logonName=" + personLogon,
    headers={"Authorization": f"Bearer {token['access_token']}"},
)
returnedData = json.loads(response.text)

if len(returnedData["results"]) > 0:
    personID = returnedData["results"][0]["id"]
    response = requests.post(
        "https://" + server + "/rest.core/api/People/" + personID + "/images/photo",
        headers={
            "Authorization": f"Bearer {token['access_token']}",
            "Content-Type": "application/json",
            "accept": "image/jpeg",
        },
        data=updatePerson,
    )
    if response.status_code == 200:
        print("Person's picture updated in MyID.")
        returned_img_base64 = base64.b64encode(response.content).decode("utf-8")
        if returned_img_base64 == img_base64:
            print("Uploaded and downloaded images match.")
        else:
            print("A problem has occurred. Uploaded and downloaded images do not match.")
    else:
        print("An error occurred:")
        print(response.text)
else:
    print("Error: a person with the logon name " + personLogon + " was not found.")
