"""What these programs share: a token, and the address of the API. Everything else they say themselves."""
import os

import requests

SERVER = "https://" + os.environ["SERVER"]
API = SERVER + "/rest.core/api"
NO_ACCESS = (
    "Your current authentication level cannot access this information. The logon credential used, roles that logon "
    "credential can access and scope available to those roles may limit your access"
)


def fetch_token(client_id="myid.mysystem", scope="myid.rest.basic"):
    response = requests.post(
        SERVER + "/web.oauth2/connect/token",
        data={"grant_type": "client_credentials", "scope": scope},
        auth=(client_id, os.environ["CLIENT_SECRET"]),
    )
    assert response.status_code == 200, (response.status_code, response.text)
    return response.json()["access_token"]


def session(client_id="myid.mysystem"):
    """A connection that is kept open and sends the token with every call."""
    opened = requests.Session()
    opened.headers["Authorization"] = "Bearer " + fetch_token(client_id)
    return opened


def refused(response, status, **body):
    """Checks a refusal, all of its body."""
    assert response.status_code == status, (response.status_code, response.text)
    assert response.json() == body, response.text
    assert list(response.json()) == list(body), "the keys stand in another order: " + response.text
