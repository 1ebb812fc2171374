"""Mail services that anybody can have an address at, so the domain names no company."""

from typing import Final

FREE_MAIL_DOMAINS: Final = frozenset(
    {
        "126.com", "139.com", "163.com", "21cn.com", "aim.com", "aol.com", "att.net",
        "bellsouth.net", "bol.com.br", "btinternet.com", "comcast.net", "cox.net", "duck.com",
        "fastmail.com", "foxmail.com", "free.fr", "freenet.de", "globo.com", "gmail.com", "gmx.at",
        "gmx.ch", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hey.com", "hotmail.co.uk",
        "hotmail.com", "hotmail.de", "hotmail.es", "hotmail.fr", "hotmail.it", "icloud.com",
        "ig.com.br", "laposte.net", "libero.it", "live.co.uk", "live.com", "live.fr", "live.nl",
        "mac.com", "mail.com", "mail.ru", "mailbox.org", "me.com", "msn.com", "naver.com",
        "orange.fr", "outlook.com", "outlook.de", "outlook.fr", "pm.me", "posteo.de",
        "proton.me", "protonmail.com", "qq.com", "rediffmail.com", "rocketmail.com", "sapo.pt",
        "sbcglobal.net", "seznam.cz", "sfr.fr", "sina.com", "sky.com", "t-online.de",
        "terra.com.br", "tutanota.com", "uol.com.br", "verizon.net", "virgilio.it", "wanadoo.fr",
        "web.de", "wp.pl", "yahoo.ca", "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com",
        "yahoo.com.br", "yahoo.de", "yahoo.es", "yahoo.fr", "yahoo.it", "yandex.com", "yandex.ru",
        "ymail.com", "zoho.com",
    }
)  # fmt: skip
"""Domains of free mail; the agreement may add to them."""
