"""Units and currencies: `20 kg` is `20 kilograms`, and not `20 lb`."""

from __future__ import annotations

from pytest_llmcost.strategies.semantic.guards.reading import Reading

_WRITTEN = """
kilogram kilograms kilogramme kilo kilos kg kgs | gram grams gramme g | milligram milligrams mg | microgram micrograms
mcg | pound pounds lb lbs £ gbp quid | ounce ounces oz | stone | ton tons tonne tonnes t | metre metres meter meters m
| kilometre kilometres kilometer kilometers km kms | centimetre centimetres centimeter centimeters cm | millimetre
millimetres millimeter millimeters mm | mile miles mi | yard yards yd | foot feet ft | inch inches | hectare hectares
ha | acre acres | litre litres liter liters l | millilitre millilitres milliliter milliliters ml | centilitre
centilitres cl | decilitre decilitres dl | gallon gallons gal | pint pints | cup cups | teaspoon teaspoons tsp |
tablespoon tablespoons tbsp | celsius centigrade c | fahrenheit f | kelvin | kmh kph | mph | knot knots | dollar
dollars $ usd bucks | euro euros € eur | yen ¥ jpy | rupee rupees ₹ inr | franc francs chf | aud | cad | nzd | krona
kronor sek | krone kroner nok | yuan cny rmb | peso pesos mxn | cent cents | percent percentage % | kilobyte kilobytes
kb | megabyte megabytes mb | gigabyte gigabytes gb | terabyte terabytes tb | megabit megabits | gigabit gigabits |
milliwatt milliwatts | watt watts w | kilowatt kilowatts kw | megawatt megawatts mw | kwh | volt volts v | hertz hz |
kilohertz khz | megahertz mhz | gigahertz ghz | calorie calories kcal | joule joules | byte bytes | bit bits |
millisecond milliseconds ms | seconds sec secs s | minute minutes min mins | hour hours hourly h hr hrs | day days
daily | week weeks weekly | month months monthly | year years yearly annual annually | nights nightly
"""
_UNITS = {word: unit.split()[0] for unit in _WRITTEN.split("|") for word in unit.split()}
_LONGER = frozenset(["stone", "min", "sec", "cent", "gal"])
_SHORT = _LONGER | {word for word in _UNITS if len(word) <= 2 and word.isalpha()}
"""Units only where they follow a number, or a degree sign."""
_BY_CASE = {"mW": "milliwatt", "Mb": "megabit", "Gb": "gigabit"}
_AREAS = {"sqm": "metre2", "sqft": "foot2"}
_PER = frozenset(["per", "a", "an", "each", "every"])
_AFTER_PER = {"second": "seconds", "night": "nights"}
_POWERS = {"square": "2", "sq": "2", "cubic": "3"}
_SIGNS = {"²": "2", "³": "3"}


def differ(first: Reading, second: Reading) -> bool:
    """Whether one text measures in a unit in which the other does not; `How many hours?` may be `How long?`."""
    ours, theirs = _units(first), _units(second)
    if ours.keys() == theirs.keys() or not (any(ours.values()) or any(theirs.values())):
        return bool(ours and theirs) and ours.keys() != theirs.keys()
    return True


def is_unit(word: str) -> bool:
    """Whether a word, in lower case, may be a unit."""
    return word in _UNITS


def _units(reading: Reading) -> dict[str, bool]:
    """Return the units of a text by one name each, and whether it measures in it rather than asks `how many`."""
    found: dict[str, bool] = {}
    words = reading.words
    for place, (word, raw) in enumerate(zip(words, reading.raw, strict=True)):
        before = words[place - 1] if place else ""
        after = words[place + 1] if place + 1 < len(words) else ""
        unit = _BY_CASE.get(raw) or _UNITS.get(word) or _AREAS.get(word)
        if unit is None and before in _PER:
            unit = _AFTER_PER.get(word)
        if unit and (word not in _SHORT or before[-1:].isdecimal() or before == "°"):
            name = unit + _POWERS.get(before, "") + _SIGNS.get(after, "")
            found[name] = found.get(name, False) or before != "many"
    return found
