"""Run with INSTAGRAM_GATEWAY_URL and INSTAGRAM_GATEWAY_TOKEN naming a gateway in sandbox mode, whose data is thrown away."""
