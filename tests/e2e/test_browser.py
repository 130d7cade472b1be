"""A real browser (Debian's chromium, headless) with pages of other origins open: they read, and change nothing.

A page tries everything a page can try, and then tells its own server what came of it."""
import http.client
import http.server
import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

from weir import PATIENCE, Engine, case, until

BROWSER = shutil.which("chromium")

# What a page tries against ENGINE. Names of flows tell which attempt went through.
PAGE = """<!doctype html><meta charset="utf-8"><title>attempts</title>
<iframe name="frame"></iframe>
<form id="form" method="post" enctype="text/plain" action="ENGINE/flow/form/json" target="frame">
<input name='{"keys":"ipsource","value":"bytes","x":"' value='"}'></form>
<script>
const engine = 'ENGINE', flow = '{"keys":"ipsource","value":"bytes"}', results = {};
async function attempt(name, run) {
  try { results[name] = String(await run()); } catch (error) { results[name] = error.name; }
}
function send(name, method, options) {
  return async () => {
    const answer = await fetch(engine + '/flow/' + name + '/json', {method, body: method == 'DELETE' ? null : flow, ...options});
    return answer.type == 'opaque' ? 'opaque' : answer.status + ' ' + await answer.text();
  };
}
(async () => {
  await attempt('read', async () => (await fetch(engine + '/version')).status);
  await attempt('put', send('put', 'PUT', {}));
  await attempt('post', send('post', 'POST', {headers: {'Content-Type': 'text/plain'}}));
  await attempt('json', send('json', 'POST', {headers: {'Content-Type': 'application/json'}}));
  await attempt('no-cors', send('nocors', 'POST', {mode: 'no-cors'}));
  await attempt('delete', send('mine', 'DELETE', {}));
  await attempt('beacon', async () => navigator.sendBeacon(engine + '/flow/beacon/json', flow));
  await attempt('form', () => new Promise(done => {
    document.querySelector('iframe').onload = () => done('refused');  // 204 loads nothing
    document.getElementById('form').submit();
    const look = async () => {
      if ((await fetch(engine + '/flow/form/json')).ok) done('defined');
      else setTimeout(look, 50);
    };
    look();
  }));
  await attempt('events', () => new Promise((done, failed) => {
    const events = new EventSource(engine + '/events/stream');
    events.onopen = () => { events.close(); done('open'); };
    events.onerror = () => { events.close(); failed(new Error()); };
  }));
  await fetch('/report', {method: 'POST', body: JSON.stringify(results)});
})();
</script>"""


class Site(http.server.ThreadingHTTPServer):
    """Serves the page, takes its report, and passes everything else on to the engine with the Host that it was sent."""

    daemon_threads = True

    def __init__(self, engine, target=None):
        self.reports = queue.Queue()
        self.engine = engine
        super().__init__(("127.0.0.1", 0), Visit)
        self.page = PAGE.replace("ENGINE", engine.url if target is None else target)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], ConnectionError):  # a browser may leave before it has all
            super().handle_error(request, client_address)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.server_close()


class Visit(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/page.html":
            return self.answer(200, self.server.page.encode(), "text/html")
        return self.pass_on()

    def do_POST(self):
        if self.path != "/report":
            return self.pass_on()
        self.server.reports.put(json.loads(self.body()))
        return self.answer(204)

    def do_PUT(self):
        self.pass_on()

    def do_DELETE(self):
        self.pass_on()

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def pass_on(self):
        if self.path == "/favicon.ico":
            return self.answer(404)
        connection = http.client.HTTPConnection("127.0.0.1", self.server.engine.http_port, timeout=PATIENCE)
        connection.request(self.command, self.path, self.body(), dict(self.headers))
        reply = connection.getresponse()
        kind = reply.getheader("Content-Type", "")
        # Of a stream its beginning is enough.
        text = reply.read1() if kind == "text/event-stream" else reply.read()
        connection.close()
        return self.answer(reply.status, text, kind)

    def answer(self, status, text=b"", kind="text/plain"):
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


def command(profile, *options):
    return [BROWSER, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--disable-extensions", "--disable-background-networking", f"--user-data-dir={profile}", *options]


@unittest.skipUnless(BROWSER, "no chromium")
class Browser(unittest.TestCase):
    def visit(self, site, url, *options):
        """What the page at `url` reports."""
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
            browser = subprocess.Popen(command(profile, "--remote-debugging-port=0", *options, url),
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                return site.reports.get(timeout=PATIENCE)
            except queue.Empty:
                self.fail(f"no report from {url}")
            finally:
                browser.terminate()
                browser.wait(PATIENCE)

    def demand_unchanged(self, engine, results):
        self.assertEqual(list(engine.get("/flow/json")), ["mine"], results)
        self.assertEqual(results["read"], "200")
        self.assertEqual(results["events"], "open")
        self.assertEqual(results["form"], "refused")

    @case(180)
    def test_pages_of_other_origins_read_and_change_nothing(self):
        with Engine("-Dhttp.hostname=127.0.0.1") as engine:
            engine.put("/flow/mine/json", {"keys": "ipsource", "value": "bytes"})
            with Site(engine) as site:
                for host in ("127.0.0.1", "localhost"):  # same-site and cross-site
                    results = self.visit(site, f"http://{host}:{site.server_port}/page.html")
                    self.demand_unchanged(engine, results)
                    for refused in ("put", "post", "json", "delete"):
                        self.assertEqual(results[refused], "TypeError", results)
                    self.assertEqual(results["no-cors"], "opaque")
            self.assertIn("http.origins", engine.log_text())

    @case(180)
    def test_a_foreign_name_that_leads_here_changes_nothing(self):
        """DNS rebinding: for the browser the page and the engine have one origin."""
        with Engine("-Dhttp.hostname=127.0.0.1") as engine:
            engine.put("/flow/mine/json", {"keys": "ipsource", "value": "bytes"})
            with Site(engine, "") as site:
                results = self.visit(site, f"http://evil.example:{site.server_port}/page.html",
                                     "--host-resolver-rules=MAP evil.example 127.0.0.1")
                self.demand_unchanged(engine, results)
                for refused in ("put", "post", "json", "no-cors", "delete"):
                    self.assertTrue(results[refused].startswith("403 "), results)
                    self.assertIn("http.hosts", results[refused])

    @case(180)
    def test_pages_of_the_engine_itself_work(self):
        with Engine("-Dhttp.hostname=127.0.0.1") as engine:
            engine.put("/flow/mine/json", {"keys": "ipsource", "value": "bytes"})
            with Site(engine, "") as site:  # a proxy that passes Host on, as the page of a site of its own has it
                results = self.visit(site, f"http://127.0.0.1:{site.server_port}/page.html")
            for passed in ("put", "post", "json", "no-cors", "delete"):
                self.assertEqual(results[passed], "204 ", results)
            flows = until("flows of beacon and form", lambda: len(found := engine.get("/flow/json")) == 6 and found)
            self.assertEqual(sorted(flows), ["beacon", "form", "json", "nocors", "post", "put"])
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
                shown = subprocess.run(command(profile, "--virtual-time-budget=5000", "--dump-dom", engine.url + "/html/"),
                                       capture_output=True, text=True, timeout=PATIENCE)
            self.assertIn(engine.request("GET", "/version").body, shown.stdout)
            self.assertNotIn("cannot reach", shown.stdout)

    @case(180)
    def test_a_listed_origin_changes(self):
        with Site(None, "") as site:
            origin = f"http://localhost:{site.server_port}"
            with Engine("-Dhttp.hostname=127.0.0.1", f"-Dhttp.origins={origin}") as engine:
                engine.put("/flow/mine/json", {"keys": "ipsource", "value": "bytes"})
                site.engine, site.page = engine, PAGE.replace("ENGINE", engine.url)
                results = self.visit(site, origin + "/page.html")
                for passed in ("put", "post", "json", "delete"):
                    self.assertEqual(results[passed], "204 ", results)


if __name__ == "__main__":
    unittest.main()
