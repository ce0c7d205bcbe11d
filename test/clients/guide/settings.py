"""Where the server is and who calls. The tests say it in the environment; a site writes it down here."""
import os

server = os.environ["SERVER"]
client_id = os.environ.get("CLIENT_ID", "myid.mysystem")
encrypted_secret = os.environ["ENCRYPTED_SECRET"]
scope = os.environ.get("SCOPE", "myid.rest.basic")
