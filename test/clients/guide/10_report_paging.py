import json

import requests

import access_token
import DPAPI
import settings

server = settings.server
client_secret = DPAPI.decrypt(settings.encrypted_secret)
token = access_token.getAccessToken(server, settings.client_id, client_secret, settings.scope)

def getReportPage(server, report, page, token):
    return requests.get(
        "https://" + server + "/rest.core/api/reports/" + report + "?page=" + str(page),
        headers={"Authorization": f"Bearer {token['access_token']}"},
    )


page = 0
report = "290015"
results = [{"dummy": ""}]
allResults = []

while results != []:
    page += 1
    response = getReportPage(server, report, page, token)
    if response.ok:
        data = json.loads(response.text)
        results = data["results"]
        allResults += results
    else:
        print("An error occurred:\n" + response.text)
        break
page -= 1

strPages = "page" if page == 1 else "pages"
print("A total of " + str(page) + " " + strPages + " of results.")

if page > 0:
    with open("temp.json", "w") as f:
        f.write(json.dumps(allResults))
