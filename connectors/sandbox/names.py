"""Words that invented people and firms are named with."""

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES: Final = _words(
    "Aaron Aisha Alice Amir Ana Anders Anika Anton Beatriz Ben Carla Carlos Chloe Clara Daniel "
    "Daria David Deepa Diego Elena Elias Emma Erik Eva Farah Felix Fiona Gabriel Grace Greta Hana "
    "Hannah Hugo Ibrahim Ines Iris Isaac Ivan Jack James Jana Jonas Julia Karim Kate Kenji Lara "
    "Laura Leo Lina Lucas Lucy Maja Marco Maria Mateo Maya Mehmet Mia Milan Nadia Nina Noah Nora "
    "Olga Oliver Omar Oscar Paula Peter Priya Rachel Rafael Rosa Ruth Ryan Sam Sara Sofia Stefan "
    "Tara Theo Thomas Tom Vera Victor Wei Yara Yusuf Zoe"
)
LAST_NAMES: Final = _words(
    "Adams Ahmed Andersen Bauer Becker Bennett Bernard Brandt Brooks Carter Castro Chen Clarke "
    "Costa Cruz Davies Dubois Durand Edwards Evans Fischer Fletcher Foster Garcia Gomez Graham "
    "Gupta Hansen Harris Hayes Hoffman Hughes Ivanov Jansen Jensen Johnson Kaya Keller Khan Kim "
    "Klein Koch Kumar Lambert Lee Lewis Lopez Marino Martin Mercier Meyer Mitchell Moore Moreau "
    "Morgan Muller Murphy Nguyen Novak Olsen Ortiz Osman Palmer Park Patel Pereira Peters Petit "
    "Quinn Reed Reyes Ricci Roberts Romano Rossi Roux Sanders Schmidt Schultz Shah Silva Simon "
    "Singh Smith Sousa Stewart Sullivan Tanaka Taylor Torres Turner Vogel Walker Wang Weber "
    "Wilson Wong Wright Young Zimmer"
)
STEMS: Final = _words(
    "alder amber apex arbor argo ashen aspen atlas aurora bay beacon birch blue bold bramble "
    "bright canyon cedar cinder clear cobalt copper coral crest crown delta drift eagle east "
    "ember ever falcon fern field first flint forge fox frost gale glen gold granite gray green "
    "harbor haven hazel heron high hollow iron ivory jade juniper keen kestrel lake lark laurel "
    "linden lumen maple marsh meadow mill moss noble north oak onyx opal orchard otter pearl pine "
    "plain quarry quill raven red ridge river rowan sage salt sierra silver slate solar south "
    "spruce stone storm summit swift tallow terra thorn timber true umber vale vista west willow "
    "winter wren"
)
TAILS: Final = _words(
    "bank beam berg bridge brook byte cast core craft dale data edge field flow ford forge gate "
    "grid grove haus hill hive house land lane leaf light line link loop lot mark mesh mill mind "
    "nest path peak pier point port rise rock root scape shore side spring stack stead stream "
    "tide track vale view wave way well wind wise works yard"
)
SUFFIXES: Final = (
    " Inc.",
    " Ltd",
    " GmbH",
    " Group",
    " & Co",
    ", LLC",
    " Systems",
    " Holding; Services",
)
INDUSTRIES: Final = (
    "Manufacturing",
    "Software",
    "Financial Services",
    "Healthcare",
    "Retail",
    "Logistics",
    "Energy",
    "Professional Services",
)
