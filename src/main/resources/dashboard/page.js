'use strict';
// The live page. What it is told is listed with the package org.homeostat.dashboard.

const $ = id => document.getElementById(id);
const query = new URLSearchParams(location.search);
const token = query.get('token');
const run = query.get('run');
const COLUMNS = 512;
// Drawing the traces may take so much of a frame; what is left is drawn in the next one.
const BUDGET_MS = 6;

const link = (path, more) => {
  const all = new URLSearchParams(more || {});
  if (token) all.set('token', token);
  const text = all.toString();
  return path + (text ? '?' + text : '');
};

const post = async (path, more) => {
  try {
    const answer = await fetch(link(path, more), { method: 'POST' });
    const words = await answer.text();
    if (!answer.ok) say('', words);
    return answer.ok ? words : null;
  } catch (gone) {
    say('failed', 'The program does not answer: it has ended, or the network is gone. Look at the board.');
    return null;
  }
};

const css = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const four = value => {
  if (value === null || !isFinite(value)) return '';
  const size = Math.abs(value);
  return size !== 0 && (size < 1e-3 || size >= 1e6) ? String(Number(value.toPrecision(4)).toExponential()).replace('e+', 'e') : String(Number(value.toPrecision(4)));
};
const PREFIXES = { '-9': 'n', '-6': 'µ', '-3': 'm', 0: '', 3: 'k', 6: 'M' };
const level = (value, unit) => {
  if (value === null || !isFinite(value)) return '';
  if (!unit || unit === '1') return four(value);
  const power = value === 0 ? 0 : Math.min(6, Math.max(-9, 3 * Math.floor(Math.log10(Math.abs(value)) / 3)));
  return Number((value / 10 ** power).toPrecision(4)) + ' ' + PREFIXES[power] + unit;
};
const span = (least, most, unit) => {
  const far = Math.max(Math.abs(least), Math.abs(most));
  const power = !unit || unit === '1' || far === 0 ? 0 : Math.min(6, Math.max(-9, 3 * Math.floor(Math.log10(far) / 3)));
  // As many decimals as tell the two apart, about three digits of the larger one.
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(far / 10 ** power || 1)));
  const one = value => Number((value / 10 ** power).toFixed(Math.min(decimals, 12)));
  return one(least) + ' … ' + one(most) + (unit && unit !== '1' ? ' ' + PREFIXES[power] + unit : '');
};
const whole = value => value === null || value === undefined ? '' : Math.round(value).toLocaleString('en-US');
const clock = seconds => {
  if (seconds === null || seconds === undefined || !isFinite(seconds)) return '';
  const s = Math.round(seconds);
  const two = n => String(n).padStart(2, '0');
  return s >= 3600 ? Math.floor(s / 3600) + ':' + two(Math.floor(s / 60) % 60) + ':' + two(s % 60) : Math.floor(s / 60) + ':' + two(s % 60);
};
const text = (element, words) => { if (element.textContent !== words) element.textContent = words; };
const make = (tag, props, ...children) => { const e = Object.assign(document.createElement(tag), props); e.append(...children); return e; };

// --- state and reins

const PHASES = { training: 'Training', paused: 'Paused', stopping: 'Stopping…', stopped: 'Stopped', done: 'Done', failed: 'Failed' };
let phase = '';
let live = false;
let stopClicked = 0;

function say(now, sentence) {
  if (now) { phase = now; $('state').dataset.phase = now; }
  text($('phase'), PHASES[phase] || phase);
  text($('sentence'), sentence);
}

function reins() {
  const ended = phase === 'stopped' || phase === 'done' || phase === 'failed';
  $('reins').hidden = !live;
  $('pause').disabled = ended || phase === 'stopping';
  $('stop').disabled = ended || phase === 'stopping';
  text($('pause'), phase === 'paused' ? 'Resume' : 'Pause');
}

$('pause').addEventListener('click', () => post(phase === 'paused' ? '/resume' : '/pause', { run }));
$('stop').addEventListener('click', () => {
  stopClicked = performance.now();
  // Said only once: 'stopped' is never shown before the board has confirmed it.
  say('stopping', 'Stopping: the device has not confirmed its safe levels yet.');
  reins();
  post('/stop', { run });
});

function onState(data) {
  let words = data.sentence;
  if (data.safe && stopClicked) {
    window.stopSeenMillis = performance.now() - stopClicked;
    window.stopMillis = data.stopMillis;
    stopClicked = 0;
  }
  say(data.phase, words || (data.phase === 'training' ? '' : words));
  reins();
  document.title = (PHASES[data.phase] || data.phase) + ' · ' + ($('name').textContent || 'homeostat');
}

// --- progress

let place = null;
function onProgress(data) {
  place = data;
  const percent = Math.round(100 * data.part);
  $('filled').style.transform = 'scaleX(' + data.part + ')';
  $('bar').setAttribute('aria-valuenow', percent);
  const figures = [['done', percent + ' %'], ['epoch', data.epoch + ' of ' + data.epochs]];
  if (data.rows) figures.push(['row', data.row + ' of ' + data.rows]);
  if (data.exchanges !== null) figures.push(['exchanges', whole(data.exchanges)]);
  if (data.exchangesPerSecond !== null) figures.push(['per second', whole(data.exchangesPerSecond)]);
  if (data.seconds !== null) figures.push(['time', clock(data.seconds)]);
  if (data.secondsLeft !== null) figures.push(['left', clock(data.secondsLeft)]);
  const list = $('figures');
  while (list.children.length > figures.length) list.lastChild.remove();
  figures.forEach(([what, value], i) => {
    const row = list.children[i] || list.appendChild(make('div', {}, make('dt'), make('dd')));
    text(row.firstChild, what);
    text(row.lastChild, value);
  });
  dirty.loss = true;
  soon();
}

// --- plots

const losses = [];
const accuracies = [];
const plots = {};
const dirty = { loss: false, accuracy: false, trace: false };

function plot(name, unitOf, low) {
  const box = $(name);
  const ink = css('--soft');
  const grid = { stroke: css('--line'), width: 1 };
  const axis = { stroke: ink, grid, ticks: grid, font: '12px system-ui, sans-serif' };
  const line = { stroke: css('--accent'), width: 2, points: { show: u => u.data[0].length < 3, size: 6 } };
  const old = plots[name];
  if (old) old.destroy();
  plots[name] = new uPlot({
    width: Math.max(200, box.clientWidth), height: box.clientHeight || 200,
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: false }, y: low ? {} : { range: (u, least, most) => [Math.min(0, least), most > 0 ? most * 1.05 : 1] } },
    axes: [{ ...axis, size: 34 }, { ...axis, size: 66, values: (u, ticks) => ticks.map(unitOf) }],
    series: low ? [{}, { ...line, width: 1 }, { ...line, width: 1 }] : [{}, line],
    bands: low ? [{ series: [2, 1], fill: css('--fill') }] : [],
  }, low ? [[], [], []] : [[], []], box);
}

function drawLoss() {
  if (!plots.loss) plot('loss', four);
  const x = losses.map((_, i) => i + 1);
  const y = losses.slice();
  if (live && place && place.loss !== null && place.row > 0 && phase !== 'done') {
    x.push(place.epoch - 1 + place.row / place.rows);
    y.push(place.loss);
  }
  plots.loss.setData([x, y]);
  const now = y.length ? y[y.length - 1] : null;
  text($('lossNow'), four(now));
  $('loss').setAttribute('aria-label', 'Loss by epoch' + (now === null ? '' : ', now ' + four(now)));
}

function drawAccuracy() {
  const known = accuracies.some(value => value !== null);
  $('accuracyCard').hidden = accuracies.length > 0 && !known;
  if (!known) return;
  if (!plots.accuracy) plot('accuracy', value => Number((100 * value).toPrecision(4)) + ' %');
  plots.accuracy.setData([accuracies.map((_, i) => i + 1), accuracies]);
  const now = accuracies[accuracies.length - 1];
  text($('accuracyNow'), (100 * now).toFixed(1) + ' %');
  $('accuracy').setAttribute('aria-label', 'Accuracy by epoch, now ' + (100 * now).toFixed(1) + ' percent');
}

function onEpochs(data) {
  losses.length = accuracies.length = data.from - 1;
  losses.push(...data.loss);
  accuracies.push(...data.accuracy);
  dirty.loss = dirty.accuracy = true;
  soon();
}

// --- parameters

// Stops of viridis (Smith, van der Walt; CC0), in between by straight lines.
const STOPS = [[68, 1, 84], [71, 44, 122], [59, 81, 139], [44, 113, 142], [33, 144, 141], [39, 173, 129], [92, 200, 99], [170, 220, 50], [253, 231, 37]];
const shade = part => {
  const at = part * (STOPS.length - 1);
  const i = Math.min(STOPS.length - 2, Math.floor(at));
  return STOPS[i].map((c, k) => Math.round(c + (STOPS[i + 1][k] - c) * (at - i)));
};
const SHADES = Array.from({ length: 256 }, (_, i) => shade(i / 255));
let cells = null;
let names = [];
let unit = '';
let pointed = -1;

function onParameters(data) {
  const bytes = Uint8Array.from(atob(data.levels), c => c.charCodeAt(0));
  const wide = Math.max(1, Math.ceil(Math.sqrt(data.cells * 2.6)));
  cells = { ...data, bytes, wide };
  const tall = Math.ceil(data.cells / wide);
  const canvas = $('cells');
  if (canvas.width !== wide || canvas.height !== tall) {
    canvas.width = wide;
    canvas.height = tall;
    canvas.style.aspectRatio = wide + ' / ' + tall;
  }
  const context = canvas.getContext('2d');
  const image = context.createImageData(wide, tall);
  for (let i = 0; i < bytes.length; i++) {
    const [r, g, b] = SHADES[bytes[i]];
    image.data.set([r, g, b, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
  text($('least'), level(data.min, unit));
  text($('most'), level(data.max, unit));
  text($('cellsNow'), whole(data.count) + (data.cells < data.count ? ', in ' + whole(data.cells) + ' stretches' : ''));
  canvas.setAttribute('aria-label', whole(data.count) + ' parameters as a heat map, from ' + level(data.min, unit) + ' to ' + level(data.max, unit));
  $('cellsCard').hidden = false;
  if (pointed >= 0) tellCell();
}

function tellCell() {
  if (!cells || pointed >= cells.cells) return;
  const value = cells.min + (cells.max - cells.min) * cells.bytes[pointed] / 255;
  const first = Math.floor(pointed * cells.count / cells.cells);
  const last = Math.floor((pointed + 1) * cells.count / cells.cells) - 1;
  const who = names[pointed] && cells.cells === cells.count ? names[pointed] : last > first ? 'parameters ' + (first + 1) + ' to ' + (last + 1) : 'parameter ' + (first + 1);
  text($('cell'), who + ': ' + level(Number(value.toPrecision(3)), unit));
}

$('cells').addEventListener('pointermove', event => {
  if (!cells) return;
  const box = event.target.getBoundingClientRect();
  const x = Math.floor((event.clientX - box.left) / box.width * cells.wide);
  const y = Math.floor((event.clientY - box.top) / box.height * Math.ceil(cells.cells / cells.wide));
  const at = y * cells.wide + x;
  if (at >= 0 && at < cells.cells) { pointed = at; tellCell(); }
});
$('cells').addEventListener('keydown', event => {
  const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: cells ? -cells.wide : 0, ArrowDown: cells ? cells.wide : 0 }[event.key];
  if (by === undefined || !cells) return;
  event.preventDefault();
  pointed = Math.min(cells.cells - 1, Math.max(0, pointed + by));
  tellCell();
});
(() => {
  const context = $('ramp').getContext('2d');
  for (let i = 0; i < 128; i++) { context.fillStyle = 'rgb(' + SHADES[2 * i].join(',') + ')'; context.fillRect(i, 0, 1, 1); }
})();

// --- channels

let channels = [];
let boxes = [];
let chosen = -1;
let low = new Float32Array(0);
let high = new Float32Array(0);
let filled = 0;
let stride = 1;
let count = 0;
const visible = new Set();
const waiting = new Set();

const floats = coded => {
  const raw = atob(coded);
  const bytes = new Uint8Array(raw.length);
  for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
  return new Float32Array(bytes.buffer);
};

const seer = new IntersectionObserver(entries => {
  for (const entry of entries) {
    const i = boxes.indexOf(entry.target);
    if (entry.isIntersecting) { visible.add(i); waiting.add(i); } else { visible.delete(i); }
  }
  soon();
});

function layChannels(now) {
  $('tracesCard').hidden = now.length === 0;
  if (JSON.stringify(now) === JSON.stringify(channels)) return;
  channels = now;
  seer.disconnect();
  visible.clear();
  waiting.clear();
  low = new Float32Array(COLUMNS * channels.length);
  high = new Float32Array(COLUMNS * channels.length);
  filled = 0;
  boxes = channels.map((channel, i) => {
    const box = make('button', { type: 'button', className: 'trace', title: channel.name + ' (' + channel.role.toLowerCase() + ')' },
      make('canvas'), make('span', {}, make('b', { textContent: channel.name }), make('i')));
    box.setAttribute('aria-pressed', 'false');
    box.addEventListener('click', () => choose(chosen === i ? -1 : i));
    return box;
  });
  // The forces are as many as the parameters, and seldom what somebody looks for.
  const groups = [...new Set(channels.map(channel => channel.role))].map(role => {
    const own = boxes.filter((_, i) => channels[i].role === role);
    const title = role.charAt(0) + role.slice(1).toLowerCase() + (own.length > 1 ? 's' : '') + ' (' + own.length + ')';
    const group = make('details', {}, make('summary', { textContent: title }), make('div', { className: 'traces' }, ...own));
    group.open = role !== 'FORCE';
    return group;
  });
  $('traces').replaceChildren(...groups);
  boxes.forEach(box => seer.observe(box));
}

function onTraces(data) {
  if (data.channels !== channels.length) return;
  low.set(floats(data.low), data.from * data.channels);
  const part = floats(data.high);
  high.set(part, data.from * data.channels);
  filled = data.from + part.length / Math.max(1, data.channels);
  stride = data.stride;
  count = data.count;
  text($('tracesNow'), whole(count) + ' exchanges, ' + (stride > 1 ? 'least to largest of every ' + whole(stride) : 'each of them'));
  visible.forEach(i => waiting.add(i));
  dirty.trace = chosen >= 0;
  soon();
}

function drawBox(i) {
  const box = boxes[i];
  const canvas = box.firstChild;
  const scale = window.devicePixelRatio || 1;
  const wide = Math.max(1, Math.round(canvas.clientWidth * scale));
  const tall = Math.round(44 * scale);
  if (canvas.width !== wide || canvas.height !== tall) { canvas.width = wide; canvas.height = tall; }
  const n = channels.length;
  let least = Infinity;
  let most = -Infinity;
  for (let c = 0, at = i; c < filled; c++, at += n) {
    if (low[at] < least) least = low[at];
    if (high[at] > most) most = high[at];
  }
  const context = canvas.getContext('2d');
  context.clearRect(0, 0, wide, tall);
  if (!(most >= least)) return;
  const reach = most - least || Math.abs(most) || 1;
  const base = most > least ? least : least - reach / 2;
  const pad = 2 * scale;
  const y = value => tall - pad - (value - base) / reach * (tall - 2 * pad);
  // Not more than a column of pixels each: neighbours that share one are merged.
  const steps = Math.min(filled, wide);
  const top = new Float32Array(steps);
  const bottom = new Float32Array(steps);
  for (let s = 0; s < steps; s++) {
    let a = Infinity;
    let b = -Infinity;
    const to = Math.max(Math.floor(s * filled / steps) + 1, Math.floor((s + 1) * filled / steps));
    for (let c = Math.floor(s * filled / steps); c < to; c++) {
      const at = c * n + i;
      if (low[at] < a) a = low[at];
      if (high[at] > b) b = high[at];
    }
    top[s] = y(b);
    bottom[s] = y(a);
  }
  const x = s => steps === 1 ? wide / 2 : s * (wide - 1) / (steps - 1);
  context.beginPath();
  for (let s = 0; s < steps; s++) if (top[s] === top[s]) context.lineTo(x(s), top[s]);
  for (let s = steps - 1; s >= 0; s--) if (bottom[s] === bottom[s]) context.lineTo(x(s), bottom[s]);
  context.closePath();
  context.fillStyle = fillColour;
  context.fill();
  context.strokeStyle = lineColour;
  context.lineWidth = scale;
  context.stroke();
  text(box.lastChild.lastChild, span(least, most, channels[i].unit));
}

function choose(i) {
  const before = chosen;
  if (before >= 0 && boxes[before]) boxes[before].setAttribute('aria-pressed', 'false');
  chosen = i;
  $('enlarged').hidden = i < 0;
  if (i < 0) { if (before >= 0) boxes[before].focus(); return; }
  boxes[i].setAttribute('aria-pressed', 'true');
  text($('enlargedName'), channels[i].name + ' (' + channels[i].role.toLowerCase() + ')');
  plot('trace', value => level(value, channels[i].unit), true);
  dirty.trace = true;
  soon();
}
$('close').addEventListener('click', () => choose(-1));
document.addEventListener('keydown', event => { if (event.key === 'Escape' && chosen >= 0) choose(-1); });

function drawTrace() {
  const n = channels.length;
  const x = new Array(filled);
  const a = new Array(filled);
  const b = new Array(filled);
  for (let c = 0; c < filled; c++) {
    x[c] = Math.min(count, (c + 1) * stride);
    a[c] = low[c * n + chosen];
    b[c] = high[c * n + chosen];
  }
  plots.trace.setData([x, a, b]);
}

// --- health

const MARKS = { ok: '✓', warn: '!', unknown: '–' };
function onHealth(data) {
  $('healthCard').hidden = false;
  const list = $('health');
  data.findings.forEach((finding, i) => {
    const item = list.children[i] || list.appendChild(make('li', {}, make('span', { className: 'mark' }), make('b'), make('span')));
    item.className = finding.state;
    text(item.children[0], MARKS[finding.state]);
    item.children[0].setAttribute('aria-label', { ok: 'good', warn: 'warning', unknown: 'not known' }[finding.state]);
    text(item.children[1], finding.what);
    text(item.children[2], finding.sentence);
  });
}

// --- drawing, once a frame and no longer than the budget

let lineColour = '';
let fillColour = '';
let asked = false;

function colours() { lineColour = css('--accent'); fillColour = css('--fill'); }
function soon() { if (!asked) { asked = true; requestAnimationFrame(draw); } }

function draw() {
  asked = false;
  const until = performance.now() + BUDGET_MS;
  // One of the large plots a frame.
  if (dirty.loss) { dirty.loss = false; drawLoss(); } else if (dirty.accuracy) { dirty.accuracy = false; drawAccuracy(); } else if (dirty.trace && chosen >= 0) { dirty.trace = false; drawTrace(); }
  for (const i of waiting) {
    if (performance.now() > until) break;
    waiting.delete(i);
    if (visible.has(i)) drawBox(i);
  }
  if (dirty.loss || dirty.accuracy || dirty.trace || waiting.size) soon();
}

function again() {
  colours();
  const shown = Object.keys(plots);
  for (const name of shown) { plots[name].destroy(); delete plots[name]; }
  if (chosen >= 0) { const i = chosen; plot('trace', value => level(value, channels[i].unit), true); }
  dirty.loss = dirty.accuracy = true;
  dirty.trace = chosen >= 0;
  visible.forEach(i => waiting.add(i));
  soon();
}
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
let width = innerWidth;
addEventListener('resize', () => { if (innerWidth !== width) { width = innerWidth; again(); } });

// --- the list

function onRuns(data) {
  text($('folder'), 'Folder ' + data.folder);
  $('demo').hidden = !data.start;
  $('none').hidden = data.runs.length > 0;
  $('list').querySelector('table').hidden = data.runs.length === 0;
  // Only what has changed is laid anew, so that nothing moves away from under a finger or the focus.
  const body = $('rows');
  const gone = new Set(rows.keys());
  let before = null;
  for (const row of data.runs) {
    const key = row.run;
    const json = JSON.stringify(row) + data.start;
    gone.delete(key);
    const known = rows.get(key);
    if (!known || known.json !== json) {
      const element = layRow(row, data.start);
      if (known) {
        const held = known.element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
        known.element.replaceWith(element);
        const again = held && element.querySelector('[data-key="' + held + '"]');
        if (again) again.focus();
      } else body.insertBefore(element, before);
      rows.set(key, { json, element });
    }
    before = rows.get(key).element;
  }
  gone.forEach(key => { rows.get(key).element.remove(); rows.delete(key); });
}

const rows = new Map();

function layRow(row, mayStart) {
  const cell = (label, value, kind) => { const td = make('td', { textContent: value, className: kind || '' }); if (label) td.dataset.label = label; return td; };
  const known = value => value !== null && value !== undefined;
  const name = make('td', {}, make('a', { href: link('/', { run: row.run }), textContent: row.run }));
  name.firstChild.dataset.key = 'name';
  const act = make('td');
  if (mayStart && row.status !== 'unreadable' && !row.live) {
    const how = row.resumable ? 'go-on' : 'again';
    const go = make('button', { type: 'button', className: 'go', textContent: row.resumable ? 'Go on' : 'Train again' });
    go.setAttribute('aria-label', go.textContent + ': ' + row.run);
    go.dataset.key = 'go';
    go.addEventListener('click', () => start({ how, run: row.run }));
    act.append(go);
  }
  const state = cell('', row.status || '');
  state.title = row.remark || '';
  return make('tr', {}, name, state, cell('epochs', row.of === undefined ? '' : row.epochs + ' of ' + row.of),
    cell('loss', known(row.loss) ? four(row.loss) : '', 'number'),
    cell('accuracy', known(row.accuracy) ? (100 * row.accuracy).toFixed(1) + ' %' : '', 'number'),
    cell('', row.learner || ''), cell('', row.device || '', 'device'), act);
}

async function start(how) {
  say('', 'Starting…');
  const name = await post('/start', how);
  if (name) location.href = link('/', { run: name });
}
$('demo').addEventListener('click', () => start({ how: 'demo' }));

// --- what comes in

function onHello(data) {
  live = data.live;
  names = data.parameters.names;
  unit = data.parameters.unit;
  text($('name'), data.run);
  text($('what'), data.experiment + ' on ' + data.device + ', by ' + data.learner + ', seed ' + data.seed);
  layChannels(data.channels);
  $('cellsCard').hidden = data.parameters.count === 0;
  $('healthCard').hidden = !live;
  reins();
}

function listen() {
  $('home').href = link('/', {});
  const source = new EventSource(link('/events', run ? { run } : {}));
  const hear = (name, then) => source.addEventListener(name, event => then(JSON.parse(event.data)));
  if (run) {
    $('run').hidden = false;
    hear('hello', onHello);
    hear('state', onState);
    hear('progress', onProgress);
    hear('epochs', onEpochs);
    hear('traces', onTraces);
    hear('parameters', onParameters);
    hear('health', onHealth);
  } else {
    document.body.dataset.view = 'list';
    $('list').hidden = false;
    hear('runs', onRuns);
  }
  source.addEventListener('bye', () => {
    source.close();
    live = false;
    $('reins').hidden = true;
    text($('sentence'), ($('sentence').textContent + ' The program has ended.').trim());
  });
  let lost = false;
  source.onopen = () => { if (lost) { lost = false; text($('sentence'), ''); } };
  source.onerror = async () => {
    if (source.readyState !== EventSource.CLOSED) {
      lost = true;
      text($('sentence'), 'The program does not answer; trying again. What is shown is the last that was heard.');
      return;
    }
    try {
      const answer = await fetch(link('/events', run ? { run } : {}));
      say('failed', answer.ok ? 'The stream broke; load the page again.' : await answer.text());
      if (answer.ok) answer.body.cancel();
    } catch (gone) {
      say('failed', 'The program does not answer: it has ended, or the network is gone. Look at the board.');
    }
  };
}

colours();
listen();
