"""The form to sign in with: a page of its own, so that nothing of the app is there before."""

from __future__ import annotations

from html import escape

from landgis.text import N_
from landgis.ui.words import Words

STYLE = """
:root { color-scheme: light dark }
body { font-family: system-ui, sans-serif; display: grid; place-items: center; min-height: 90vh; margin: 0 }
form { display: grid; gap: .8rem; width: min(22rem, 90vw); padding: 2rem }
h1 { font-size: 1.3rem; margin: 0 } label { display: grid; gap: .3rem } input, button { font: inherit; padding: .5rem }
button { background: #0b5ca8; color: #ffffff; border: 0; border-radius: .3rem }
p { margin: 0; color: #c62828 }
@media (prefers-color-scheme: dark) { p { color: #ff8a80 } }
"""


def sign_in_page(words: Words, back: str, said: str = "") -> str:
    """HTML of the form; `said` is why it is shown again. Every value is escaped."""
    title = escape(words(N_("landgis: sign in")))
    name, password, button = (escape(words(text)) for text in (N_("user name"), N_("password"), N_("sign in")))
    problem = f'<p role="alert">{escape(said)}</p>' if said else ""
    return (
        f'<!doctype html><html lang="{words.language.replace("_", "-")}"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><title>{title}</title>'
        f"<style>{STYLE}</style>"
        f'<form method="post" action="/sign-in"><h1>{title}</h1>{problem}'
        f'<input type="hidden" name="next" value="{escape(back)}">'
        f'<label>{name}<input name="name" autocomplete="username" required autofocus></label>'
        f'<label>{password}<input name="password" type="password" autocomplete="current-password" required></label>'
        f"<button>{button}</button></form></html>"
    )
