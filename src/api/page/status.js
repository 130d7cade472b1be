// The status page: asks the engine each second, by addresses relative to the page so that it works behind a proxy.
'use strict';

const kSeconds = 120;      // shown in the graph
const kRecent = 60_000;    // ms: a fault that grew within is happening now, and so is an event
const kFlowsShown = 12;

const byId = (id) => document.getElementById(id);

// --- words

// The engine tells what its figures mean (figures/json), by their names in health's "drops" and "agentsWithFaults".
let figures = [];
const helpOf = (name) => figures.find((f) => f.drops === name || f.agentsWithFaults === name)?.help ?? name;
// What was dropped. Faults of single records are part of malformedDatagrams: told for each agent, not again in the list.
const present = (drops) => figures.filter((f) => f.severity !== undefined && drops[f.drops] > 0);

const grouped = (n) => Math.round(n).toLocaleString('en');
// A number with its prefix: 1.25 M, 37.
const short = (n) => {
  for (const [size, prefix] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e4, 'k']]) {
    if (n >= size * 0.9995) return (n / (prefix === 'k' ? 1e3 : size)).toPrecision(3) + ' ' + prefix;
  }
  if (n < 1e-3) return '0';
  return n >= 100 || Number.isInteger(n) ? grouped(n) : n.toPrecision(2);
};
// Prefixes belong to bits and octets; of packets one says how many.
const withUnit = (n, unit) => {
  if (unit === '') return short(n);
  if (!unit.startsWith('b') && unit !== 'B') return (n >= 1e4 && n < 1e6 ? grouped(n) : short(n)) + ' ' + unit;
  const text = short(n);
  return /[kMGT]$/.test(text) ? text + unit : text + ' ' + unit;
};
const rateText = (n) => (n > 0 && n < 10 ? n.toFixed(1) : grouped(n));

// What values of definitions are: [what one makes, its unit]. Octets are shown as the bits people think in.
const kRates = {bytes: [8, 'bit/s'], Bps: [8, 'bit/s'], bps: [1, 'bit/s'], frames: [1, 'packets/s'], fps: [1, 'packets/s'], requests: [1, 'requests/s']};
const kOfSample = {bytes: 'B', Bps: 'B', bps: 'bit'};
const kFunctions = {avg: 'mean of', min: 'smallest', max: 'largest', last: 'newest'};
// How the number of a definition with this value reads: {words, factor, unit}.
const measureOf = (value) => {
  const [, name, key] = /^(rate|count|avg|min|max|last):(.*)$/.exec(value) || [null, 'rate', value];
  if (name === 'count') return {words: 'number of different ' + key, factor: 1, unit: ''};
  if (name !== 'rate') return {words: `${kFunctions[name]} ${key}`, factor: 1, unit: kOfSample[key] || ''};
  const [factor, unit] = kRates[key] || [1, '/s'];
  return {words: unit === '/s' ? `sum of ${key} a second` : key, factor, unit};
};
// The same of a counter metric, by its name.
const measureOfMetric = (name) => {
  if (/octets$|^bytes_(in|out)$/.test(name)) return {words: name, factor: 8, unit: 'bit/s'};
  if (/pkts$|^pkts_(in|out)$/.test(name)) return {words: name, factor: 1, unit: 'packets/s'};
  return {words: name, factor: 1, unit: /utilization$/.test(name) ? '%' : ''};
};
const measured = (measure, n) => measure.unit === '/s' ? short(n) + '/s' : withUnit(n * measure.factor, measure.unit);

const bytesText = (n) => n >= 1 << 30 ? (n / (1 << 30)).toFixed(2) + ' GiB' : (n / (1 << 20)).toFixed(0) + ' MiB';
const plural = (n, one) => grouped(n) + ' ' + one + (n === 1 ? '' : 's');
const durationText = (seconds) => {
  const d = Math.floor(seconds / 86400), h = Math.floor(seconds / 3600) % 24, m = Math.floor(seconds / 60) % 60;
  if (d > 0) return `${d} d ${h} h`;
  if (h > 0) return `${h} h ${m} min`;
  return m > 0 ? `${m} min ${Math.floor(seconds) % 60} s` : `${Math.floor(seconds)} s`;
};
// Time of the day, in the browser's zone; with its date where that is not today: captures can be years old.
const two = (n) => String(n).padStart(2, '0');
const dateText = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
const timeText = (ms) => {
  const at = new Date(ms), day = dateText(at);
  return (day === dateText(new Date()) ? '' : day + ' ') + [at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':');
};

// --- building

const make = (tag, attributes, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children);
  return element;
};
const say = (id, text) => {
  const element = byId(id);
  if (element.textContent !== text) element.textContent = text;
};
// Replaces the children only when what they say has changed: selections and screen readers are left in peace.
const fill = (element, key, children) => {
  if (element.dataset.key === key) return;
  element.dataset.key = key;
  element.replaceChildren(...children());
};

// --- what is known

let last = null;                 // {at, health}
const history = [];              // datagrams a second, newest last
const grown = new Map();         // fault → {count, at: when it last grew, rate}
let quietSince = null;           // since when no datagram has come
let heard = false;               // one has, while this page looked
const opened = performance.now();
// The page knows what happened while it looked, and says no more.
const pastText = (at) => at - opened < kRecent ? 'since this page was opened' : 'in the last minute';

const noteFaults = (drops, at, seconds) => {
  for (const [name, count] of Object.entries(drops)) {
    const before = grown.get(name);
    if (!before) {
      grown.set(name, {count, at: last === null ? null : at, rate: 0});
    } else {
      const more = count - before.count;
      grown.set(name, {count, at: more > 0 ? at : before.at, rate: more > 0 ? more / seconds : 0});
    }
  }
};
const isRecent = (name, at) => {
  const fault = grown.get(name);
  return fault !== undefined && fault.at !== null && at - fault.at < kRecent;
};

// --- parts of the page

const showVerdict = (state, headline, advice) => {
  byId('verdict').dataset.state = state;
  say('headline', headline);
  say('advice', advice || '');
};

const isLoopback = /^(localhost|127\..*|\[::1\])$/.test(location.hostname);
const judge = (health, rate, at) => {
  const drops = health.drops || {};
  if (health.datagrams === 0) {
    if (health.replay) return showVerdict('wait', health.demo ? 'The demo begins.' : 'The capture is being opened.');
    const port = health.port || 6343;
    return showVerdict('wait', 'No sFlow has arrived yet.',
        `Point switches and hosts at ${isLoopback ? 'an address of this machine' : location.hostname}, UDP port ${port}. Agents appear by themselves. ` +
        `If none does, "tcpdump -ni any udp port ${port}" on this machine tells whether anything arrives.`);
  }
  const who = plural(health.agents, health.demo ? 'simulated agent' : 'agent');
  if (health.replayFinished) return showVerdict('good', `The capture is read to its end: ${who}.`, 'The clock stands still; everything can be asked for.');
  if (rate === null) return showVerdict('wait', `${who} known.`, 'Are they sending? In a second it shows.');
  heard = heard || rate > 0;
  quietSince = rate > 0 ? null : (quietSince ?? at);
  if (isRecent('kernel', at)) {
    return showVerdict('bad', 'Datagrams are being lost: the engine cannot keep up.', 'Raise workers.number, or sample less often.');
  }
  if (quietSince !== null && at - quietSince > 30_000 && !health.replay) {
    return showVerdict('bad', `No sFlow for ${durationText((at - quietSince) / 1000)}.`, `${who} sent before. Is the network between them and here whole?`);
  }
  const dropped = present(drops);
  if (dropped.some((f) => f.drops !== 'kernel' && isRecent(f.drops, at))) {
    return showVerdict('warn', `${who} sending, and part of what comes is broken.`, 'Below: what, and from whom.');
  }
  if (!heard) return showVerdict('wait', `${who} known, none heard since this page was opened.`, 'Agents that send counters only may be silent for half a minute.');
  showVerdict('good', `${who} sending.`, dropped.length > 0 ? `No telemetry was lost or broken ${pastText(at)}; some was before.` : 'No telemetry is lost or broken.');
};

// The newest event, as long as it is news: by the engine's clock, which in a replay is the capture's.
const showAlarm = (events, health) => {
  const newest = events[0], now = health.now;
  const fresh = newest !== undefined && now - newest.timestamp < kRecent && !health.replayFinished;
  byId('alarm').hidden = !fresh;
  if (!fresh) return;
  const ago = durationText(Math.max(0, now - newest.timestamp) / 1000);
  say('alarmText', `${newest.thresholdID}: ${newest.flowKey || newest.metric} at ${newest.agent} ${newest.dataSource}, ${ago} ago`);
};

const showFaults = (health, at) => {
  const drops = health.drops || {};
  const dropped = present(drops);
  const shared = (health.sharedAgentAddresses || []).map((s) => ({agent: s.agent, told:
    `the address of several devices: ${s.sender} is this agent, others are ${s.others.join(', ')}. Give each an agent address of its own`}));
  const agents = [...shared, ...(health.agentsWithFaults || [])].slice(0, 100);
  const suspended = (health.suspendedFlows || []).slice(0, 20);
  const key = JSON.stringify([pastText(at), agents.length > 0, suspended, dropped.map((f) => [f.drops, drops[f.drops], isRecent(f.drops, at)])]);
  fill(byId('faults'), key, () => {
    const flows = suspended.map((f) => make('li', {class: f.suspended ? 'bad' : 'warn'}, `flow ${f.name} `,
        make('b', {}, f.suspended ? 'is suspended' : 'was suspended'),
        `: a regular expression of its filter takes too long. It did not look at ${plural(f.skippedSamples, 'sample')}`));
    if (dropped.length === 0 && flows.length === 0) return [make('li', {}, agents.length > 0 ? 'Nothing here; some agents have faults:' : 'Nothing: no datagram was lost, refused or malformed.')];
    return flows.concat(dropped.map((f) => {
      const when = isRecent(f.drops, at) ? `${rateText(grown.get(f.drops).rate)} a second now` : 'not ' + pastText(at);
      return make('li', {class: f.severity}, make('b', {}, grouped(drops[f.drops])), ' ' + f.help + ' ', make('span', {class: 'when'}, '(' + when + ')'));
    }));
  });
  byId('agentTable').hidden = agents.length === 0;
  fill(byId('agentTable').tBodies[0], JSON.stringify(agents), () => agents.map((a) => {
    const what = a.told || Object.entries(a).filter(([name]) => name !== 'agent')
        .map(([name, count]) => grouped(count) + ' ' + helpOf(name)).join('; ');
    return make('tr', {}, make('td', {class: 'agent'}, a.agent), make('td', {}, what));
  }));
};

const showIdle = (health) => {
  const idle = health.countNothing || [];
  byId('idleTable').hidden = idle.length === 0;
  fill(byId('idleTable').tBodies[0], JSON.stringify(idle), () => idle.map((each) =>
    make('tr', {}, make('td', {}, `${each.kind} ${each.name}`), make('td', {}, each.reasons.join('; ')))));
};

const svg = (tag, attributes) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};
// The round number at or above n that has four equal parts.
const roundUp = (n) => {
  const ten = 10 ** Math.floor(Math.log10(Math.max(n, 4)));
  return [1, 2, 4, 8, 10].map((f) => f * ten).find((v) => v >= n) || ten * 10;
};
const drawGraph = () => {
  const graph = byId('graph');
  const width = graph.clientWidth, height = graph.clientHeight, left = 52;
  if (width === 0) return;
  graph.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const top = roundUp(Math.max(4, ...history));
  const x = (i) => left + (width - left) * (kSeconds - history.length + i) / (kSeconds - 1);
  const y = (v) => height - height * v / top;
  const parts = [];
  for (let i = 0; i <= 4; ++i) {
    const at = Math.min(height - 0.5, Math.max(0.5, height * i / 4));
    parts.push(svg('line', {class: 'level', x1: left, x2: width, y1: at, y2: at}));
    const label = svg('text', {x: left - 16, y: Math.min(height, Math.max(10, at + 4)), 'text-anchor': 'end'});
    label.textContent = short(top * (4 - i) / 4);
    parts.push(label);
  }
  if (history.length > 1) {
    const points = history.map((v, i) => `${x(i).toFixed(1)},${y(v).toFixed(1)}`).join(' ');
    parts.push(svg('polygon', {class: 'area', points: `${x(0)},${height} ${points} ${width},${height}`}));
    parts.push(svg('polyline', {class: 'surface', points}));
  }
  graph.replaceChildren(...parts);
};

const showFigures = (analyzer, health, rates) => {
  say('version', analyzer.version);
  say('uptime', 'up ' + durationText(analyzer.uptime / 1000));
  const reading = health.replayFinished ? 'at its end' : 'being read';
  say('mode', health.demo ? 'demo: simulated telemetry' : health.replay ? `capture, ${reading}: ${health.now > 0 ? timeText(health.now) : ''}` : '');
  say('agents', grouped(health.agents));
  say('sources', grouped(health.dataSources));
  say('eventCount', grouped(analyzer.eventsGenerated));
  say('flowCount', grouped(analyzer.flowsGenerated));
  say('connections', grouped(analyzer.httpConnectionsCurrent || 0));
  say('memory', bytesText(analyzer.heapUsed));
  if (rates) {
    say('datagramRate', rateText(rates.datagrams));
    say('sampleRate', rateText(rates.samples));
    say('bitRate', withUnit(rates.bytes * 8, 'bit/s'));
    say('span', history.length > 1 ? `last ${durationText(history.length - 1)}` : '');
  }
  for (const dd of document.querySelectorAll('dd')) dd.classList.toggle('zero', /^0( |$)/.test(dd.textContent));
};

const base = new URL('../', location.href).href;
const kFlowExample = `curl -X PUT --data "{keys:'ipsource,ipdestination',value:'bytes'}" ${base}flow/pairs/json`;
const kThresholdExample = `curl -X PUT --data "{metric:'pairs',value:12500000,byFlow:true}" ${base}threshold/heavy/json`;

// Where a flow or event is: by name where there is one, and what else is known of the place.
const placeOf = (record) => {
  const isNamed = record.node || record.port;
  return {
    name: `${record.node || record.agent} ${record.port || record.dataSource}`,
    more: [...(isNamed ? [`${record.agent} ${record.dataSource}`] : []), ...(record.link ? [`link ${record.link}`] : [])].join(', '),
  };
};

const showFlows = (definitions, tops) => {
  const names = Object.keys(definitions).sort();
  fill(byId('flows'), JSON.stringify([definitions, tops]), () => {
    if (names.length === 0) {
      return [make('p', {class: 'empty'}, 'No flow is defined. This one shows who talks to whom:'), make('pre', {}, kFlowExample)];
    }
    const cards = names.slice(0, kFlowsShown).map((name, i) => {
      const definition = definitions[name], {flows: top, total} = tops[i] || {flows: [], total: 0};
      const largest = Math.max(...top.map((f) => f.value), 1e-9);
      const url = encodeURIComponent(name);
      const title = make('h3', {}, make('a', {href: `../activeflows/ALL/${url}/json`}, name));
      const measure = measureOf(definition.value);
      const told = [measure.words, definition.keys ? 'by ' + definition.keys : 'in all', definition.filter ? 'where ' + definition.filter : ''];
      const keys = make('p', {class: 'keys'}, told.join(' '));
      const rows = top.map((f) => {
        const bar = make('span', {class: 'bar'});
        bar.style.width = Math.max(0.5, 100 * f.value / largest).toFixed(1) + '%';
        const place = placeOf(f);
        return make('li', {}, bar, make('span', {class: 'key'}, f.key === '' ? 'total' : f.key), make('span', {class: 'where', title: place.more}, place.name),
            make('span', {class: 'rate'}, measured(measure, f.value)));
      });
      const list = rows.length > 0 ? make('ol', {}, ...rows) : make('p', {class: 'empty'}, 'Nothing matches at the moment.');
      const more = total > top.length ? [make('p', {class: 'more'}, `and ${plural(total - top.length, 'more flow')} of ${grouped(total)}`)] : [];
      return make('article', {class: 'flow-card'}, title, keys, list, ...more);
    });
    if (names.length > kFlowsShown) {
      cards.push(make('p', {class: 'empty'}, `${plural(names.length - kFlowsShown, 'more flow')} in `, make('a', {href: '../flow/json'}, 'flow')));
    }
    return cards;
  });
};

const showEvents = (events, thresholds, definitions, now) => {
  byId('eventTable').hidden = events.length === 0;
  const none = Object.keys(thresholds).length === 0;
  fill(byId('noEvents'), String([events.length > 0, none]), () => events.length > 0 ? [] :
      none ? [make('p', {class: 'empty'}, 'No threshold is set, so there are no events. This one tells of each pair above 100 Mbit/s:'), make('pre', {}, kThresholdExample)] :
      [make('p', {class: 'empty'}, 'No threshold has been crossed yet.')]);
  const isNews = (e) => now - e.timestamp < kRecent;
  fill(byId('eventTable').tBodies[0], JSON.stringify(events.map((e) => [e.eventID, isNews(e)])), () => events.map((e) => {
    const definition = definitions[e.metric];
    const measure = definition ? measureOf(definition.value) : measureOfMetric(e.metric);
    const number = (label, n) => make('td', {class: 'number', 'data-label': label, title: `${n} in the unit of ${e.metric}`}, measured(measure, n));
    const place = placeOf(e);
    return make('tr', isNews(e) ? {class: 'news'} : {},
        make('td', {class: 'time', title: new Date(e.timestamp).toISOString()}, timeText(e.timestamp)), make('td', {}, e.thresholdID),
        make('td', {class: 'place'}, place.name, make('small', {}, place.more)), make('td', {class: 'flow'}, e.flowKey || e.metric),
        number('Value', e.value), number('Limit', e.threshold));
  }));
};

// --- asking

const fetched = async (path) => {
  const response = await fetch('../' + path, {signal: AbortSignal.timeout(5000)});
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response;
};
const ask = async (path) => (await fetched(path)).json();
const askOr = (path, otherwise) => ask(path).catch(() => otherwise);
// The largest flows of a definition, and how many there are.
const askTop = async (name) => {
  const response = await fetched(`activeflows/ALL/${encodeURIComponent(name)}/json?maxFlows=5`);
  return {flows: await response.json(), total: Number(response.headers.get('X-Total-Count'))};
};

const look = async () => {
  let analyzer, health, definitions, thresholds, events;
  try {
    if (figures.length === 0) figures = await ask('figures/json');
    [analyzer, health, definitions, thresholds, events] = await Promise.all([ask('analyzer/json'), ask('health/json'),
      askOr('flow/json', {}), askOr('threshold/json', {}), askOr('events/json?maxEvents=10', [])]);
  } catch (error) {
    last = null;   // a rate over the gap would mislead
    figures = [];  // it may come back in another version
    byId('alarm').hidden = true;
    return showVerdict('bad', 'The engine does not answer.', 'What stands below is the last that was heard of it. Asking again each second.');
  }
  const at = performance.now();
  let rates = null;
  if (last !== null && health.datagrams >= last.health.datagrams) {
    const seconds = Math.max((at - last.at) / 1000, 0.001);
    const samples = (h) => h.flowSamples + h.counterSamples + h.discardSamples;
    rates = {
      datagrams: (health.datagrams - last.health.datagrams) / seconds,
      samples: (samples(health) - samples(last.health)) / seconds,
      bytes: (health.bytes - last.health.bytes) / seconds,
    };
    history.push(rates.datagrams);
    if (history.length > kSeconds) history.shift();
    noteFaults(health.drops || {}, at, seconds);
  } else {
    noteFaults(health.drops || {}, at, 1);
  }
  last = {at, health};
  showFigures(analyzer, health, rates);
  judge(health, rates ? rates.datagrams : null, at);
  showFaults(health, at);
  showIdle(health);
  showAlarm(events, health);
  showEvents(events, thresholds, definitions, health.now);
  drawGraph();

  const names = Object.keys(definitions).sort().slice(0, kFlowsShown);
  const tops = await Promise.all(names.map((name) => askTop(name).catch(() => ({flows: [], total: 0}))));
  showFlows(definitions, tops);
};

const run = async () => {
  const begin = performance.now();
  if (!document.hidden || last === null) await look();  // a page opened in the background is not an empty one
  setTimeout(run, Math.max(100, 1000 - (performance.now() - begin)));
};
addEventListener('resize', drawGraph);
drawGraph();
run();
