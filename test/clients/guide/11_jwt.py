import datetime

import jwt
import requests
from jwt import PyJWKClient

import access_token
import DPAPI
import settings

server = settings.server
client_secret = DPAPI.decrypt(settings.encrypted_secret)
token = access_token.getAccessToken(server, settings.client_id, client_secret, settings.scope)

decoded = jwt.decode(token["access_token"], options={"verify_signature": False})
print("Expiry time decoded from the JWT:")
print(datetime.datetime.fromtimestamp(decoded["exp"]))

response = requests.get("https://" + server + "/web.oauth2/.well-known/openid-configuration")
jwks_uri = response.json()["jwks_uri"]
jwks_client = PyJWKClient(jwks_uri)
signing_key = jwks_client.get_signing_key_from_jwt(token["access_token"])

try:
    data = jwt.decode(
        token["access_token"],
        signing_key.key,
        algorithms=["RS256"],
        audience="myid.rest",
        options={"verify_exp": True},
    )
    print("Expiry time decoded from the JWT with signature validation:")
    print(datetime.datetime.fromtimestamp(data["exp"]))
except Exception as e:
    print(e)
