"""Users of a store that keeps its own: passwords are kept as scrypt hashes (RFC 7914), never as they are."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping

from landgis.errors import Problem, RegisterRefused
from landgis.roles import Actor
from landgis.store.base import User
from landgis.text import N_, Message

COST, BLOCK_SIZE, PARALLEL = 2**15, 8, 3  # OWASP password storage cheat sheet, scrypt
MEMORY = 128 * COST * BLOCK_SIZE * 2
SHORTEST = 8  # characters


def hashed(password: str) -> str:
    """The hash to keep, with its salt and costs in front."""
    salt = secrets.token_bytes(16)
    parts = (salt, _scrypt(password, salt, COST, BLOCK_SIZE, PARALLEL))
    return "$".join(
        ["scrypt", str(COST), str(BLOCK_SIZE), str(PARALLEL), *(base64.b64encode(p).decode() for p in parts)]
    )


def matches(password: str, kept: str) -> bool:
    """Whether a password is the one behind a hash."""
    _, cost, block_size, parallel, salt, digest = kept.split("$")
    made = _scrypt(password, base64.b64decode(salt), int(cost), int(block_size), int(parallel))
    return hmac.compare_digest(made, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, cost: int, block_size: int, parallel: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=cost, r=block_size, p=parallel, maxmem=MEMORY, dklen=32)


def new_user(name: str, role: str, password: str) -> User:
    """A user to be saved; RegisterRefused where the password is too short."""
    if len(password) < SHORTEST:
        message = Message(N_("the password is too short; take at least {shortest} characters"), {"shortest": SHORTEST})
        raise RegisterRefused([Problem("E-PASSWORD", message)])
    return User(name, role, hashed(password))


def signed_in(users: Mapping[str, User], name: str | None, password: str | None) -> Actor:
    """Who that is. Where there are no users, whoever can open the project is its administrator."""
    if not users:
        return Actor(name or "", "administrator")
    user = users.get(name or "")
    if user is None or password is None or not matches(password, user.password_hash):
        words = N_("this project has users, and name and password do not go together; give --by NAME and the password")
        raise RegisterRefused([Problem("E-SIGN-IN", Message(words))])
    return Actor(user.name, user.role)
