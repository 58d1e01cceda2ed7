// Draws what a table holds above it; the table is what counts. No word is written here.
"use strict";

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const number = (text) => { const found = /-?[\d.]+/.exec(text.replaceAll(",", "")); return found ? Number(found[0]) : null; };

const drawn = (table) => {
  const kind = table.dataset.chart;
  const names = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
  const rows = [...table.tBodies[0].rows].map((row) => [...row.cells].map((cell) => cell.textContent.trim()));
  const colours = (table.dataset.colours || "--brand,--bad,--warn,--dim").split(",").map(colour);
  const text = { color: colour("--ink") }, lines = { lineStyle: { color: colour("--line") } };
  const right = (table.dataset.right || "").split(",").filter(Boolean).map(Number);
  const values = { type: "value", axisLabel: text, splitLine: lines };
  const left = names.findIndex((_name, at) => at > 0 && !right.includes(at));
  const ends = [{ ...values, name: names[left], nameTextStyle: text }];
  if (right.length) ends.push({ ...values, name: names[right[0]], nameTextStyle: text, splitLine: { show: false } });
  const along = { type: "category", data: rows.map((row) => row[0]), axisLabel: { ...text, hideOverlap: true } };
  const lies = kind === "bars";
  const series = names.slice(1).map((name, at) => ({
    name, type: kind === "line" ? "line" : "bar", stack: table.dataset.stack, showSymbol: false, step: "end",
    data: rows.map((row) => number(row[at + 1] || "")), barMaxWidth: 22,
    ...(lies ? {} : { yAxisIndex: right.includes(at + 1) ? 1 : 0 }),
  }));
  return {
    animation: false, color: colours, textStyle: text, legend: { textStyle: text, type: "scroll", top: 0 },
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: lies ? "shadow" : "line" } },
    grid: { left: lies ? 140 : 48, right: 48, top: 64, bottom: 32 },
    xAxis: lies ? values : along,
    yAxis: lies ? { ...along, inverse: true, axisLabel: { ...text, width: 130, overflow: "truncate" } } : ends,
    series,
  };
};

document.querySelectorAll("table[data-chart]").forEach((table) => {
  if (!table.tBodies[0] || !table.tBodies[0].rows.length) return;
  const place = document.createElement("div");
  place.className = "chart";
  place.setAttribute("aria-hidden", "true");
  if (table.dataset.chart === "bars") place.classList.add("tall");
  (table.closest("details") || table.closest(".scroll") || table).before(place);
  const chart = echarts.init(place);
  const draw = () => chart.setOption(drawn(table), true);
  draw();
  window.addEventListener("resize", () => chart.resize());
  window.addEventListener("beforeprint", () => chart.resize());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
});
