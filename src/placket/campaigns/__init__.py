"""Campaigns and customer journeys: who is told what, once; who is held out; what it has brought.

It asks `messages` for what it sends and `promotions` for vouchers: hours, caps and the label are theirs. See
docs/rules/campaigns.md.
"""

from placket.campaigns.models import Campaign, CampaignRecipient
from placket.campaigns.rules import Extra, Group, extra_of, is_held_out

__all__ = ["Campaign", "CampaignRecipient", "Extra", "Group", "extra_of", "is_held_out"]
