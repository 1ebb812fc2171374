"""What the channels and campaigns are called, and by which signs a link tells its channel."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Final

from pydantic import Field, StringConstraints, model_validator

from connectors.faults import Faults, Part, Place, fault
from orchestration.agreement.ladder import Word

Sign = Annotated[str, StringConstraints(to_lower=True, strip_whitespace=True, min_length=1)]
"""What stands in a link, or what a system says of a person; case doesn't matter."""


class ChannelRule(Part):
    """By which signs a touch came by a channel.

    A link fits by its `medium` and `source` (utm_medium, utm_source; one of each that is given), or
    by the click id that an ad platform left in it. `original_source` is what HubSpot says of the
    contact: it is asked only where neither the link nor the campaign tells a channel.
    """

    channel: Word
    medium: tuple[Sign, ...] = ()
    source: tuple[Sign, ...] = ()
    click_id: tuple[Sign, ...] = ()
    original_source: tuple[Sign, ...] = ()

    @model_validator(mode="after")
    def _has_signs_of_one_kind(self) -> "ChannelRule":
        kinds = (self.medium or self.source, self.click_id, self.original_source)
        if sum(bool(kind) for kind in kinds) != 1:
            raise fault(
                "signs of one kind: `medium` and `source`, or `click_id`, or `original_source`"
            )
        return self

    def signs(self) -> Iterator[tuple[str | None, str | None, str | None, str | None]]:
        """Medium, source, click id and original source, of each way to fit."""
        if self.medium or self.source:
            for medium in self.medium or (None,):
                for source in self.source or (None,):
                    yield medium, source, None, None
        for click_id in self.click_id:
            yield None, None, click_id, None
        for original in self.original_source:
            yield None, None, None, original


_PAID: Final = ("cpc", "ppc", "paid", "cpm", "cpv", "ads", "ad")
_SEARCH_ENGINES: Final = (
    "google", "bing", "microsoft", "yahoo", "duckduckgo", "ecosia", "baidu", "yandex", "naver",
    "adwords", "google_ads", "google ads", "googleads", "bing_ads", "bing ads", "bingads",
)  # fmt: skip
_SOCIAL_NETWORKS: Final = (
    "linkedin", "facebook", "fb", "meta", "instagram", "ig", "twitter", "x", "tiktok", "reddit",
    "youtube", "pinterest", "quora", "snapchat", "xing",
)  # fmt: skip

DEFAULT_CHANNEL_RULES: Final = (
    ChannelRule(channel="Paid Search", medium=_PAID, source=_SEARCH_ENGINES),
    ChannelRule(channel="Paid Social", medium=_PAID, source=_SOCIAL_NETWORKS),
    ChannelRule(
        channel="Paid Search", medium=("paidsearch", "paid_search", "paid-search", "paid search")
    ),
    ChannelRule(
        channel="Paid Social", medium=("paidsocial", "paid_social", "paid-social", "paid social")
    ),
    ChannelRule(channel="Display", medium=("display", "banner")),
    ChannelRule(channel="Email", medium=("email", "e-mail", "mail", "newsletter")),
    ChannelRule(
        channel="Organic Social",
        medium=("social", "organic_social", "organic-social", "organic social"),
    ),
    ChannelRule(
        channel="Organic Search",
        medium=("organic", "organic_search", "organic-search", "organic search"),
    ),
    ChannelRule(channel="Referral", medium=("referral", "affiliate", "partner")),
    ChannelRule(channel="Webinar", medium=("webinar",)),
    ChannelRule(channel="Event", medium=("event", "conference", "tradeshow")),
    ChannelRule(channel="Paid Search", click_id=("gclid", "gbraid", "wbraid", "msclkid")),
    ChannelRule(channel="Paid Social", click_id=("li_fat_id", "ttclid", "twclid")),
    ChannelRule(channel="Email", source=("hs_email", "hs_automation", "newsletter")),
    # Facebook adds it to every link on its pages, so it proves no ad.
    ChannelRule(channel="Organic Social", click_id=("fbclid",)),
    ChannelRule(channel="Paid Search", original_source=("PAID_SEARCH",)),
    ChannelRule(channel="Organic Search", original_source=("ORGANIC_SEARCH",)),
    ChannelRule(channel="Paid Social", original_source=("PAID_SOCIAL",)),
    ChannelRule(channel="Organic Social", original_source=("SOCIAL_MEDIA",)),
    ChannelRule(channel="Email", original_source=("EMAIL_MARKETING",)),
    ChannelRule(channel="Referral", original_source=("REFERRALS", "AI_REFERRALS")),
    ChannelRule(channel="Direct", original_source=("DIRECT_TRAFFIC",)),
)
"""Those that hold after the agreement's own. No rule takes up OFFLINE or OTHER_CAMPAIGNS, by which
HubSpot says that it does not know."""

ChannelWords = Annotated[dict[str, tuple[Word, ...]], Field(default_factory=dict)]
"""The words of each channel."""

CampaignWords = Annotated[dict[Word, tuple[Word, ...]], Field(default_factory=dict)]
"""The ids, names and utm_campaigns of each campaign."""


def as_looked_up(word: str) -> str:
    """The word without what makes no difference: case, and blanks around it."""
    return word.strip().lower()


def channel_words(channels: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Each word with its channel, once however it is written; a channel's name is one of them."""
    seen: set[str] = set()
    for channel, words in channels.items():
        for word in (*words, channel):
            if as_looked_up(word) not in seen:
                seen.add(as_looked_up(word))
                yield word, channel


def campaign_words(campaigns: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Each word with its campaign; a campaign's own name is one of them."""
    for campaign, words in campaigns.items():
        for word in dict.fromkeys((*words, campaign)):
            yield word, campaign


def check_channels(channels: Mapping[str, Sequence[str]], faults: Faults) -> None:
    """Find words that would be renamed to two channels, or renamed twice over."""
    taken: dict[str, str] = {}
    for channel, words in channels.items():
        for position, word in enumerate(words):
            place = ("channels", channel, position)
            if word in taken:
                faults.add(place, word, f"a word of one channel: it is already in {taken[word]}")
            elif word in channels and word != channel:
                faults.add(place, word, "a word that is not itself the name of a channel here")
            taken.setdefault(word, channel)


def _as_campaign_is_looked_up(word: str) -> str:
    return re.sub(r"[ _+.-]+", " ", as_looked_up(word)).strip()


def check_campaigns(campaigns: Mapping[str, Sequence[str]], faults: Faults) -> None:
    """Find words that would name two campaigns."""
    taken = {_as_campaign_is_looked_up(campaign): campaign for campaign in campaigns}
    for campaign, words in campaigns.items():
        for position, word in enumerate(words):
            other = taken.setdefault(_as_campaign_is_looked_up(word), campaign)
            if other != campaign:
                place: Place = ("campaigns", campaign, position)
                faults.add(place, word, f"a word of one campaign: it is already {other}")
