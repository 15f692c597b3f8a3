"""Client of instagram-gateway.

Gateway has every operation of the API. InstagramAPI is the client that the second document prints; InstagramClient,
InstagramSession, InstagramSessionManager and InstagramConfig are the first document's names.
"""

from ._call import Answer, GatewayConnectionError, GatewayError, RequestOptions, ServerEvent
from ._operations import ERROR_CODES
from .gateway import Gateway
from .instagram import InstagramClient, InstagramConfig, InstagramSession, InstagramSessionManager
from .instagram_api import InstagramAPI
from .webhook import WebhookEvent, WebhookVerificationError, sign_webhook, verify_webhook

__all__ = [
    "Answer",
    "ERROR_CODES",
    "Gateway",
    "GatewayConnectionError",
    "GatewayError",
    "InstagramAPI",
    "InstagramClient",
    "InstagramConfig",
    "InstagramSession",
    "InstagramSessionManager",
    "RequestOptions",
    "ServerEvent",
    "WebhookEvent",
    "WebhookVerificationError",
    "sign_webhook",
    "verify_webhook",
]
