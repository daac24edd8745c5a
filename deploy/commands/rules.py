"""The routing rules of the city that this machine serves, for the commands that judge messages."""

from deploy.commands.refusals import refuse
from deploy.local.running import settings_here
from routing.core.rules import RoutingRules, load_rules
from schemas.city import load_city


def rules_here() -> RoutingRules:
    """The rules that the settings name; a sentence on stderr and exit status 1 where they cannot be used."""
    settings = settings_here()
    try:
        return load_rules(settings.routing_directory, load_city(settings.city_directory, settings.time_zone))
    except (OSError, ValueError) as error:
        refuse(f"The routing rules cannot be used: {error}")
