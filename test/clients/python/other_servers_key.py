"""A token verifies with the key that its server publishes, and with no other server's."""
import os

import jwt
import requests
from jwt import PyJWKClient

from api import SERVER, fetch_token


def key_set(server):
    configuration = requests.get(server + "/web.oauth2/.well-known/openid-configuration").json()
    assert configuration["issuer"] == server + "/web.oauth2", configuration
    assert configuration["token_endpoint"] == server + "/web.oauth2/connect/token", configuration
    return PyJWKClient(configuration["jwks_uri"])


def decode(key, **rules):
    return jwt.decode(token, key, **{"algorithms": ["RS256"], "audience": "myid.rest", **rules})


token = fetch_token()
header = jwt.get_unverified_header(token)
assert header["alg"] == "RS256" and header["typ"] == "at+jwt", header

own = key_set(SERVER).get_signing_key(header["kid"]).key
claims = decode(own, issuer=SERVER + "/web.oauth2")
assert claims["client_id"] == "myid.mysystem", claims

others = key_set("https://" + os.environ["OTHER_SERVER"])
try:
    others.get_signing_key(header["kid"])
    raise AssertionError("two servers use one kid")
except jwt.PyJWKClientError:
    pass
for foreign in others.get_signing_keys():
    try:
        decode(foreign.key)
        raise AssertionError("verified with a foreign key")
    except jwt.InvalidSignatureError as error:
        assert str(error) == "Signature verification failed", error

try:
    decode(own, audience="someone.else")
    raise AssertionError("verified for another audience")
except jwt.InvalidAudienceError:
    pass

# And the other way round: the other server wants nothing of our token.
elsewhere = requests.get(
    "https://" + os.environ["OTHER_SERVER"] + "/rest.core/api/Groups?q=*", headers={"Authorization": "Bearer " + token}
)
assert (elsewhere.status_code, elsewhere.content) == (401, b""), (elsewhere.status_code, elsewhere.text)
