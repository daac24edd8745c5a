"""Loads this city's routing rules for the commands that classify messages."""

from deploy.local.running import settings_here
from routing.core.rules import RoutingRules, load_rules
from schemas.city import load_city


def rules_here() -> RoutingRules:
    """The rules that the settings name.

    Raises:
        Misconfigured: they or the city cannot be used; the command ends with a sentence and exit status 2.
    """
    settings = settings_here()
    return load_rules(settings.routing_directory, load_city(settings.city_directory, settings.time_zone))
