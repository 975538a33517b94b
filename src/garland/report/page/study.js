"use strict";
(() => {
  // Plays the embedded recordings and draws them as they sound: 10 divisions of 10 ms, 8 rows, negative up.
  const canvas = document.getElementById("scope");
  const Audio = window.AudioContext || window.webkitAudioContext;
  if (!canvas || !Audio || !canvas.getContext) return;
  const words = canvas.parentElement.querySelector(".scope-words");
  const pen = canvas.getContext("2d");
  const columns = 10, rows = 8, sweepMs = 100;
  const { divisions, linear } = document.querySelector(".sounds").dataset;
  const calm = window.matchMedia && window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  let context = null, playing = null;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  function samplesOf(sound) {
    const text = atob(sound.querySelector("audio").getAttribute("src").split(",")[1]);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    const view = new DataView(bytes.buffer);
    const rate = view.getUint32(24, true), count = (bytes.length - 44) >> 1;
    const scale = Number(sound.dataset.microvolts), microvolts = new Float32Array(count);
    for (let i = 0; i < count; i++) microvolts[i] = scale * view.getInt16(44 + 2 * i, true);
    return { rate, microvolts };
  }

  // As loud as it is large on the screen; what is too large is bent, not torn.
  function heard(microvolts, gain) {
    const level = microvolts / (gain * divisions), room = 1 - linear, over = Math.abs(level) - linear;
    return over > 0 ? Math.sign(level) * (Number(linear) + room * Math.tanh(over / room)) : level;
  }

  function cut(recording, stretches) {
    const parts = stretches.split(",").map((stretch) => {
      const [begin, end] = stretch.split("-").map((ms) => Math.round((Number(ms) * recording.rate) / 1000));
      return recording.microvolts.subarray(begin, end);
    });
    const joined = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
    parts.reduce((at, part) => (joined.set(part, at), at + part.length), 0);
    return joined;
  }

  function stop() {
    if (!playing) return;
    const was = playing;
    playing = null;
    was.button.setAttribute("aria-pressed", "false");
    was.source.onended = null;
    try { was.source.stop(); } catch (_) { /* it had ended */ }
    cancelAnimationFrame(was.frame);
  }

  function play(button) {
    const again = playing && playing.button === button;
    stop();
    if (again) return;
    const sound = button.closest(".sound"), gain = Number(button.dataset.gain);
    const recording = samplesOf(sound);
    const microvolts = cut(recording, button.dataset.play);
    if (!microvolts.length) return;
    context = context || new Audio();
    context.resume();
    const buffer = context.createBuffer(1, microvolts.length, recording.rate);
    const out = buffer.getChannelData(0);
    for (let i = 0; i < out.length; i++) out[i] = heard(microvolts[i], gain);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    playing = { button, source, microvolts, gain, rate: recording.rate, done: 0, drawn: -1, since: context.currentTime + 0.05 };
    playing.low = new Float32Array(canvas.width).fill(NaN);
    playing.high = new Float32Array(canvas.width).fill(NaN);
    source.onended = () => { const was = playing; if (was) advance(was, was.microvolts.length); stop(); };
    source.start(playing.since);
    button.setAttribute("aria-pressed", "true");
    words.textContent = button.getAttribute("aria-label") + " · 10 ms/div · " + button.dataset.gainWords;
    playing.frame = requestAnimationFrame(follow);
  }

  function follow() {
    const now = playing;
    if (!now) return;
    const heard = Math.floor((context.currentTime - now.since) * now.rate);
    advance(now, Math.min(Math.max(heard, 0), now.microvolts.length));
    now.frame = requestAnimationFrame(follow);
  }

  function advance(now, until) {
    const sweep = (now.rate * sweepMs) / 1000, width = canvas.width;
    for (let i = now.done, last = -1; i < until; i++) {
      const at = Math.floor(((i % sweep) / sweep) * width), value = now.microvolts[i];
      if (at !== last && !(i > now.done && at === last)) {
        if (at !== now.column) { now.low[at] = now.high[at] = i ? now.microvolts[i - 1] : value; now.column = at; }
        now.low[(at + 14) % width] = now.high[(at + 14) % width] = NaN;
        last = at;
      }
      now.low[at] = Math.min(now.low[at], value);
      now.high[at] = Math.max(now.high[at], value);
    }
    now.done = until;
    if (calm && performance.now() - now.drawn < 500 && until < now.microvolts.length) return;
    now.drawn = performance.now();
    draw(now);
  }

  function draw(now) {
    const width = canvas.width, height = canvas.height, row = height / rows;
    pen.clearRect(0, 0, width, height);
    pen.lineWidth = 1;
    pen.strokeStyle = colour("--division");
    pen.beginPath();
    for (let i = 1; i < columns; i++) { pen.moveTo((i * width) / columns, 0); pen.lineTo((i * width) / columns, height); }
    for (let i = 1; i < rows; i++) { pen.moveTo(0, i * row); pen.lineTo(width, i * row); }
    pen.stroke();
    if (!now) return;
    pen.strokeStyle = colour("--trace");
    pen.lineWidth = 1.6;
    pen.beginPath();
    const place = (value) => Math.min(Math.max(height / 2 + (value / now.gain) * row, 1), height - 1);
    for (let x = 0; x < width; x++) {
      if (Number.isNaN(now.low[x])) continue;
      pen.moveTo(x + 0.5, place(now.low[x]) - 0.8);
      pen.lineTo(x + 0.5, place(now.high[x]) + 0.8);
    }
    pen.stroke();
  }

  canvas.parentElement.hidden = false;
  for (const sound of document.querySelectorAll(".sound")) {
    sound.querySelector("audio").hidden = true;
    sound.querySelector(".buttons").hidden = false;
    for (const button of sound.querySelectorAll("button")) button.addEventListener("click", () => play(button));
  }
  draw(null);
})();
