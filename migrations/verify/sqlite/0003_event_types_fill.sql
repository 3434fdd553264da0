-- 0003_event_types_fill: the parts that are missing; no rows when the migration holds.

select 'event_types' as relation, 'row' as kind, p.value as missing
from
  json_each(
    '["' || replace(
      'COW0001 COW0002 COW0003 COW0004 COW0005 COW0006 COW0007 COW0008 COW0009 COW0010 COW0011 COW0012 COW0013 COW0014 COW0015 COW0016 COW0017 KIPP0001 KIPP0002 KIPP0003 KIPP0004 KIPP0005 KIPP0006 KIPP0007 KIPP0008 KIPP0009 KIPP0010 KIPP0011 KIPP0012 KIPP0013 KIPP0014 KIPP0015 KIPP0016 KIPP0017 cowrie.abuseipdb.ratelimited cowrie.abuseipdb.reportedip cowrie.abuseipdb.reportfail cowrie.abuseipdb.started cowrie.abuseipdb.wakeup cowrie.client.fingerprint cowrie.client.kex cowrie.client.malformed_packet cowrie.client.size cowrie.client.var cowrie.client.version cowrie.command.chpasswd cowrie.command.failed cowrie.command.input cowrie.command.success cowrie.direct-tcpip.data cowrie.direct-tcpip.ja4 cowrie.direct-tcpip.ja4h cowrie.direct-tcpip.redirect cowrie.direct-tcpip.request cowrie.direct-tcpip.tunnel cowrie.greynoise.result cowrie.log.closed cowrie.log.open cowrie.login.failed cowrie.login.success cowrie.proxy.backend_connect_error cowrie.proxy.backend_connected cowrie.proxy.backend_disconnected cowrie.proxy.client_disconnect cowrie.proxy.ssh cowrie.reversedns.connect cowrie.reversedns.forward cowrie.session.closed cowrie.session.connect cowrie.session.file_download cowrie.session.file_download.failed cowrie.session.file_upload cowrie.session.input cowrie.session.params cowrie.telnet.error cowrie.telnet.exploit_attempt cowrie.telnet.exploit_success cowrie.telnet.option cowrie.tunnelproxy-tcpip.data cowrie.urlhaus.submitted cowrie.virustotal.scanfile cowrie.virustotal.scanurl',
      ' ',
      '","'
    ) || '"]'
  ) as p
where p.value not in (select k.event_type from event_types as k);
