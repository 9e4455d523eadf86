from __future__ import annotations

import base64

import pytest

from sessions_app.admin.transcript import media
from tests import factories
from tests.admin.transcript.pages import read, url

pytestmark = pytest.mark.django_db

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
BYTES = {
    "image/png": PNG,
    "image/jpeg": b"\xff\xd8\xff\xe0" + b"0" * 60,
    "image/gif": b"GIF89a" + b"0" * 60,
    "image/webp": b"RIFF\x01\x02\x03\x04WEBP" + b"0" * 60,
}
NOT_SHOWN = {"image/svg+xml": b"<svg/>", "text/html": b"<script>", "image/png": b"GIF is what I am not", "": b""}


def session_of(data, mime):
    uri = f"data:{mime};base64,{base64.b64encode(data).decode()}"
    payload = {"role": "user", "content": [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": uri}]}
    return factories.SessionFactory(messages=[payload])


def fetch(client, session, index=1, message=None):
    return client.get(url(session, "media", message or session.messages.get().pk, index))


@pytest.mark.parametrize("claimed", ["image/png", "text/html"])
@pytest.mark.parametrize("kind", BYTES)
def test_pictures_are_what_their_bytes_say(admin_client, kind, claimed):
    session = session_of(BYTES[kind], claimed)
    picture = read(admin_client, session).one("article").one("img")
    response = admin_client.get(picture["src"])
    assert response.content == BYTES[kind]
    assert response["Content-Type"] == kind
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "Content-Disposition" not in response
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))


@pytest.mark.parametrize("mime", NOT_SHOWN)
def test_everything_else_is_a_download(admin_client, mime):
    session = session_of(NOT_SHOWN[mime], mime)
    page = read(admin_client, session)
    assert not page.one("article").all("img")
    response = fetch(admin_client, session)
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response.content == NOT_SHOWN[mime]


def test_what_is_no_base64_is_no_file(admin_client):
    payload = {"role": "user", "content": [{"type": "image_url", "image_url": "data:image/png;base64,\xff!!"}]}
    session = factories.SessionFactory(messages=[payload])
    read(admin_client, session)
    assert fetch(admin_client, session, 0).status_code == 404


@pytest.mark.parametrize(("index", "message"), [(0, None), (2, None), (10**30, None), (1, 10**9), (1, 10**30)])
def test_what_is_not_there_is_not_found(admin_client, index, message):
    assert fetch(admin_client, session_of(PNG, "image/png"), index, message).status_code == 404


def test_the_picture_of_another_session_is_not_found(admin_client):
    message = session_of(PNG, "image/png").messages.get()
    other = factories.SessionFactory()
    assert fetch(admin_client, other, 1, message.pk).status_code == 404


def test_base64_may_hold_line_ends_and_url_safe_letters():
    text = base64.urlsafe_b64encode(b"\xfb\xff" + PNG).decode().rstrip("=")
    assert media.decode("\n".join([text[:10], text[10:]])) == b"\xfb\xff" + PNG
    assert media.is_raster("\n" + base64.encodebytes(PNG).decode())
    assert media.decode(None) is None
