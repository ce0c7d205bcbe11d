import access_token
import DPAPI
import settings

client_secret = DPAPI.decrypt(settings.encrypted_secret)
print(access_token.getAccessToken(settings.server, settings.client_id, client_secret, settings.scope))
