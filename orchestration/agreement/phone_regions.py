"""How telephone numbers are written: what each region dials, and what its numbers look like."""

import re
from collections.abc import Iterator
from typing import Final

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, SUPPORTED_REGIONS, PhoneMetadata

# In Brazil `0`, or `90` for a call that is collected, and then perhaps the code of a carrier.
_PLAIN_FIRST: Final = re.compile(r"(\(\?:[0-9|]+\))\(\?:.*\)\?")

PhoneRegion = tuple[str, str, bool, str | None, str]
"""Region, country code, whether it speaks for the code, prefix dialled within it, its numbers."""


def is_phone_region(region: str) -> bool:
    """Whether national numbers of this region (two letters) can be read."""
    return region in SUPPORTED_REGIONS


def phone_regions() -> Iterator[PhoneRegion]:
    """Every region, in order; the prefix and the numbers are regular expressions.

    A prefix that would also rewrite a number is left out except for its plain form: what cannot be
    read then is not read, and never read wrongly.
    """
    for region in sorted(SUPPORTED_REGIONS):
        metadata = PhoneMetadata.metadata_for_region(region)
        if metadata is None or metadata.general_desc is None or metadata.country_code is None:
            continue
        numbers = metadata.general_desc.national_number_pattern
        if numbers is not None:
            speaks_for_code = COUNTRY_CODE_TO_REGION_CODE[metadata.country_code][0] == region
            code = str(metadata.country_code)
            yield region, code, speaks_for_code, _prefix(metadata), numbers


def _prefix(metadata: phonenumbers.PhoneMetadata) -> str | None:
    if metadata.national_prefix_transform_rule:
        plain = _PLAIN_FIRST.fullmatch(metadata.national_prefix_for_parsing or "")
        return plain[1] if plain else metadata.national_prefix
    return metadata.national_prefix_for_parsing
