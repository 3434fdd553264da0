-- 0003_event_types_fill: undo
--
-- Why:         Takes back the up file: its types, and all that are other names of them.
-- Undo:        Apply the up file again; other types stay.
-- Loses:       event_types: the up file sets until of all types that are there.

delete from event_types
where
  coalesce(legacy_of, event_type) in (
    'cowrie.session.connect',
    'cowrie.session.closed',
    'cowrie.session.input',
    'cowrie.session.params',
    'cowrie.session.file_download',
    'cowrie.session.file_download.failed',
    'cowrie.session.file_upload',
    'cowrie.client.version',
    'cowrie.client.kex',
    'cowrie.client.fingerprint',
    'cowrie.client.size',
    'cowrie.client.var',
    'cowrie.client.malformed_packet',
    'cowrie.telnet.option',
    'cowrie.telnet.error',
    'cowrie.telnet.exploit_attempt',
    'cowrie.telnet.exploit_success',
    'cowrie.login.success',
    'cowrie.login.failed',
    'cowrie.command.input',
    'cowrie.command.success',
    'cowrie.command.failed',
    'cowrie.command.chpasswd',
    'cowrie.log.open',
    'cowrie.log.closed',
    'cowrie.direct-tcpip.request',
    'cowrie.direct-tcpip.data',
    'cowrie.direct-tcpip.ja4',
    'cowrie.direct-tcpip.ja4h',
    'cowrie.direct-tcpip.redirect',
    'cowrie.direct-tcpip.tunnel',
    'cowrie.tunnelproxy-tcpip.data',
    'cowrie.proxy.backend_connected',
    'cowrie.proxy.backend_disconnected',
    'cowrie.proxy.backend_connect_error',
    'cowrie.proxy.client_disconnect',
    'cowrie.proxy.ssh',
    'cowrie.virustotal.scanfile',
    'cowrie.virustotal.scanurl',
    'cowrie.reversedns.connect',
    'cowrie.reversedns.forward',
    'cowrie.greynoise.result',
    'cowrie.urlhaus.submitted',
    'cowrie.abuseipdb.started',
    'cowrie.abuseipdb.wakeup',
    'cowrie.abuseipdb.reportedip',
    'cowrie.abuseipdb.reportfail',
    'cowrie.abuseipdb.ratelimited'
  );
