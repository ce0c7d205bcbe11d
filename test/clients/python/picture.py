"""A picture comes back byte for byte; an empty one is refused in the words of the framework."""
import base64
import json
import re

from api import API, session

calls = session()
with open("susan.smith.jpg", "rb") as f:
    picture = f.read()
person = calls.get(API + "/People?logonName=susan.smith").json()["results"][0]["id"]
photo = API + "/People/" + person + "/images/photo"

stored = calls.get(photo)
assert stored.status_code == 200, stored.text
assert stored.content == picture
assert stored.headers["Content-Type"] == "image/jpeg", stored.headers


def upload(data, accept="image/jpeg", mimetype="image/jpeg"):
    body = json.dumps({"image": {"data": data, "mimetype": mimetype}})
    return calls.post(photo, data=body, headers={"Content-Type": "application/json", "accept": accept})


empty = upload("")
assert empty.status_code == 400, empty.text
problem = empty.json()
assert problem["type"] == "https://tools.ietf.org/html/rfc9110#section-15.5.1", problem
assert (problem["title"], problem["status"]) == ("Bad Request", 400), problem
assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-00", problem["traceId"]), problem
assert list(problem) == ["type", "title", "status", "traceId"], problem

garbage = upload("this is not base64!")
assert (garbage.status_code, garbage.json()["code"]) == (400, "WS39002"), garbage.text

# Neither of the two has touched what was there.
assert calls.get(photo).content == picture

gif = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
answer = upload(base64.b64encode(gif).decode(), "image/gif", "image/gif")
assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, gif, "image/gif")
upload(base64.b64encode(picture).decode())
assert calls.get(photo).content == picture
