import json

import requests


def getAccessToken(server, client_id, client_secret, scope):
    """Asks for a token with the client's secret in the body; gives the whole answer as a dictionary."""
    response = requests.post(
        "https://" + server + "/web.oauth2/connect/token",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        data={
            "grant_type": "client_credentials",
            "scope": scope,
            "client_id": client_id,
            "client_secret": client_secret,
        },
    )
    return json.loads(response.content)
