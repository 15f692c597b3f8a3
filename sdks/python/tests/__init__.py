"""Run with INSTAGRAM_GATEWAY_URL and INSTAGRAM_GATEWAY_TOKEN naming a gateway in sandbox mode that may be filled up."""
