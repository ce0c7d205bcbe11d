"""Takes the place of Windows' DPAPI, which keeps a secret for one user of one machine."""
import base64


def decrypt(base64_string):
    return base64.b64decode(base64_string).decode("utf-8")
