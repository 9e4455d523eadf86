"""Markdown of strangers as HTML that cannot do anything: no raw HTML, no scheme but http, https and mailto."""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from typing import Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from sessions_app.admin.transcript.text import prose

REL = "noopener noreferrer nofollow"
_SAFE_LINK = re.compile(r"(?:https?://[^/?#\s]|mailto:[^\s])", re.IGNORECASE)
_ALIGNMENT = re.compile(r"text-align:(left|center|right)")
_HEADINGS = {f"h{level}": f"h{min(6, level + 3)}" for level in range(1, 7)}


def is_safe_link(url: str) -> bool:
    """Whether a page may link to ``url``."""
    return _SAFE_LINK.match(url) is not None


def to_html(text: str) -> SafeString:
    """``text`` as HTML without scripts, styles, pictures, and links to anything but web pages and mail."""
    return mark_safe(str(_PARSER.render(prose(text))))  # noqa: S308


class _Renderer(RendererHTML):
    def link_open(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        token = tokens[index]
        token.attrSet("rel", REL)
        token.attrSet("target", "_blank")
        return self.renderToken(tokens, index, options, env)

    def image(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """A link: looking at a page must not tell anybody that it was looked at."""
        token = tokens[index]
        url, name = str(token.attrGet("src")), token.content or str(token.attrGet("src"))
        label = f'<span class="agent-sessions-picture">{escape(name)}</span>'
        before = [earlier.type for earlier in tokens[:index]]
        if before.count("link_open") > before.count("link_close"):
            return label
        return f'<a href="{escape(url)}" rel="{REL}" target="_blank">{label}</a>'

    def th_open(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return self._cell(tokens[index])

    def td_open(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return self._cell(tokens[index])

    def table_open(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return '<div class="agent-sessions-table" tabindex="0" role="group"><table>\n'

    def table_close(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return "</table></div>\n"

    def fence(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """Code in a box that scrolls, also for those who have but a keyboard."""
        return f'<pre tabindex="0"><code>{escape(tokens[index].content)}</code></pre>\n'

    def code_block(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return self.fence(tokens, index, options, env)

    def heading_open(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        """Below the headings of the page itself."""
        return f"<{_HEADINGS[tokens[index].tag]}>"

    def heading_close(self, tokens: Sequence[Token], index: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return f"</{_HEADINGS[tokens[index].tag]}>\n"

    @staticmethod
    def _cell(token: Token) -> str:
        """A strict Content-Security-Policy forbids the style that aligns it."""
        found = _ALIGNMENT.search(str(token.attrGet("style") or ""))
        return f'<{token.tag} class="agent-sessions-{found[1]}">' if found else f"<{token.tag}>"


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}, renderer_cls=_Renderer)
    parser.enable(["table", "strikethrough"])
    parser.validateLink = is_safe_link  # type: ignore[method-assign]
    return parser


_PARSER = _parser()
