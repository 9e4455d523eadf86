"""A transcript as a browser reads it: elements with their attributes and texts."""

from __future__ import annotations

from html.parser import HTMLParser

from django.urls import reverse

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "rect"}
MISSING = object()


class Element:
    def __init__(self, tag, attributes):
        self.tag, self.attributes, self.children, self.strings = tag, dict(attributes), [], []

    def __getitem__(self, name):
        return self.attributes[name]

    @property
    def classes(self):
        return (self.attributes.get("class") or "").split()

    @property
    def text(self):
        return " ".join("".join(self._texts()).split())

    def _texts(self):
        for item in self.strings:
            if isinstance(item, str):
                yield item
            else:
                yield from item._texts()

    def walk(self):
        for child in self.children:
            yield child
            yield from child.walk()

    def all(self, tag=None, name=None, **attributes):
        """The elements inside with this tag, this class (without our prefix) and these attributes."""
        return [
            element
            for element in self.walk()
            if (tag is None or element.tag == tag)
            and (name is None or f"agent-sessions-{name}" in element.classes)
            and all(element.attributes.get(key, MISSING) == value for key, value in attributes.items())
        ]

    def one(self, tag=None, name=None, **attributes):
        [found] = self.all(tag, name, **attributes)
        return found


class Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.path = [self.root]

    def handle_starttag(self, tag, attrs):
        element = Element(tag, attrs)
        self.path[-1].children.append(element)
        self.path[-1].strings.append(element)
        if tag not in VOID:
            self.path.append(element)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        assert self.path[-1].tag == tag, f"</{tag}> closes <{self.path[-1].tag}>"
        self.path.pop()

    def handle_data(self, data):
        self.path[-1].strings.append(data)


def parse(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    return reader.root


def url(session, page="transcript", *arguments):
    return reverse(f"admin:sessions_app_session_{page}", args=[session.pk, *arguments])


def read(client, session, page="transcript", **query):
    """The page, parsed."""
    response = client.get(url(session, page), query)
    assert response.status_code == 200, response
    return parse(response.content.decode())


def positions(page):
    return [int(article["data-position"]) for article in page.all("article")]


def bubbles(page):
    return [bubble.text for bubble in page.all(name="bubble")]
