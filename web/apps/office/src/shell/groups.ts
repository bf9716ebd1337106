// The ten RFM groups, from those who buy most to those who no longer do; their names stand in the words of segments.

export const GROUPS = ['champion', 'loyal', 'potential_loyalist', 'new', 'promising', 'need_attention', 'about_to_sleep', 'cant_lose', 'at_risk', 'hibernating'] as const
