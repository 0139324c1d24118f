"""What the platform doesn't want of Asterisk: doors nobody uses, records and events nobody reads.

A name that an Asterisk doesn't have does no harm.
"""

from __future__ import annotations

UNWANTED = (
    # The platform writes its own call records.
    *(f"cdr_{name}" for name in ("adaptive_odbc", "csv", "custom", "manager", "odbc", "pgsql")),
    *(f"cdr_{name}" for name in ("radius", "sqlite3_custom", "tds")),
    *(f"cel_{name}" for name in ("custom", "manager", "odbc", "pgsql", "radius")),
    *(f"cel_{name}" for name in ("sqlite3_custom", "tds")),
    "res_cdrel_custom",
    # No web, no remote control but AGI.
    "res_ari",
    *(f"res_ari_{name}" for name in ("applications", "asterisk", "bridges", "channels")),
    *(f"res_ari_{name}" for name in ("device_states", "endpoints", "events", "model")),
    *(f"res_ari_{name}" for name in ("playbacks", "recordings", "sounds")),
    "res_http_media_cache",
    "res_http_post",
    "res_http_websocket",
    "res_pjsip_transport_websocket",
    "res_websocket_client",
    "chan_websocket",
    "res_aeap",
    "res_speech_aeap",
    "res_phoneprov",
    "res_pjsip_phoneprov_provider",
    "res_prometheus",
    "res_snmp",
    # One way in only: SIP.
    *(f"chan_{name}" for name in ("audiosocket", "console", "iax2", "motif", "rtp", "unistim")),
    "app_audiosocket",
    "res_audiosocket",
    "pbx_dundi",
    "pbx_spool",
    "res_xmpp",
    "res_smdi",
    "app_sms",
    # Features that no call of ours has.
    *(f"app_{name}" for name in ("agent_pool", "confbridge", "followme", "page", "queue")),
    *(f"app_{name}" for name in ("stasis", "stasis_broadcast", "sla")),
    "res_stasis_broadcast",
    *(f"res_{name}" for name in ("clialiases", "fax", "fax_spandsp", "parking", "stun_monitor")),
    *(f"res_pjsip_{name}" for name in ("notify", "messaging", "refer", "t38")),
    "res_resolver_unbound",
    "res_musiconhold",
    # A dialplan and a list of phones in one file only.
    "res_pjsip_config_wizard",
    *(f"pbx_{name}" for name in ("ael", "loopback", "lua", "realtime")),
    "res_ael_share",
    *(f"res_config_{name}" for name in ("curl", "ldap", "odbc", "pgsql", "sqlite3")),
    "res_odbc",
    "res_odbc_transaction",
    "func_odbc",
    "app_voicemail",
    "app_voicemail_odbc",
    "app_minivm",
    "func_vmcount",
    # Never run a program, fetch a page or let a caller listen in from the dialplan.
    "app_system",
    "app_externalivr",
    "app_festival",
    "func_shell",
    "func_curl",
    "app_disa",
    "app_jack",
    "app_adsiprog",
    "app_getcpeid",
    "res_adsi",
    "app_alarmreceiver",
    *(f"res_calendar{name}" for name in ("", "_caldav", "_ews", "_exchange", "_icalendar")),
    "res_stir_shaken",
    "res_pjsip_stir_shaken",
    "res_geolocation",
    "res_pjsip_geolocation",
    "res_hep",
    "res_hep_pjsip",
    "res_hep_rtcp",
)

UNWANTED_EVENTS = (
    *("DTMFBegin", "DTMFEnd", "VarSet", "Newexten", "RTCPSent", "RTCPReceived"),
    *("NewConnectedLine", "NewCallerid", "DeviceStateChange", "ContactStatus", "PeerStatus"),
    *("MusicOnHoldStart", "MusicOnHoldStop", "ChallengeSent", "SuccessfulAuth"),
)
"""Events of the manager interface that are never made."""
