// Uses the web page as a visitor would, from a folder, in a headless Chromium.
//
//     node web.mjs PAGE_FOLDER SCREENSHOTS
//
// Ends with 1 and the reasons where something is not as it should be.

import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [folder, screenshots] = process.argv.slice(2);
const failures = [];
const expect = (holds, what) => {
  if (!holds) failures.push(what);
};

mkdirSync(screenshots, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run"],
});

const wide = { width: 1200, height: 900 };
const phone = { width: 390, height: 844 };
const FOUR = [[[0.55, 0.1], [0.2, 0.6], [0.8, 0.6]], [[0.6, 0.4], [0.55, 0.92]]];
const SEVEN = [[[0.25, 0.12], [0.75, 0.12], [0.45, 0.9]], [[0.35, 0.5], [0.7, 0.5]]];
const LETTER = [[[0.2, 0.9], [0.2, 0.1], [0.5, 0.5], [0.8, 0.1], [0.8, 0.9]]];

async function open(name, options) {
  const page = await browser.newPage(options);
  page.on("console", (message) => expect(message.type() !== "error", `${name}: console: ${message.text()}`));
  page.on("pageerror", (error) => expect(false, `${name}: ${error}`));
  page.on("request", (request) => {
    const own = ["file:", "data:", "blob:"].some((scheme) => request.url().startsWith(scheme));
    expect(own, `${name}: asks the network for ${request.url()}`);
  });
  await page.goto(pathToFileURL(resolve(folder, "index.html")).href, { waitUntil: "load" });
  await page.waitForSelector("html[data-ready]");
  return page;
}

const text = (page, id) => page.locator(`#${id}`).innerText();
const shot = (page, name) => page.screenshot({ path: `${screenshots}/${name}.png`, fullPage: true });

/** Draws with the mouse. */
async function draw(page, strokes, by = [0, 0]) {
  const pad = page.locator("#pad");
  await page.click("#clear");
  await pad.scrollIntoViewIfNeeded();
  const box = await pad.boundingBox();
  for (const stroke of strokes) {
    const at = ([x, y]) => [box.x + (x + by[0]) * box.width, box.y + (y + by[1]) * box.height];
    await page.mouse.move(...at(stroke[0]));
    await page.mouse.down();
    for (const point of stroke.slice(1)) await page.mouse.move(...at(point), { steps: 8 });
    await page.mouse.up();
  }
  await page.waitForTimeout(150);
}

/** Waits until learning has ended. */
const learned = (page) => page.waitForFunction(() => document.getElementById("progress").textContent.startsWith("Learned"), null, { timeout: 60_000 });

const page = await open("light", { colorScheme: "light", viewport: wide });
const ready = Number(await page.evaluate(() => document.documentElement.dataset.ready));
console.log(`loaded and answered after ${ready} ms`);
await shot(page, "1-begin");
await draw(page, FOUR);
console.log(await text(page, "answer"));
await shot(page, "2-four");
await draw(page, SEVEN);
console.log(await text(page, "answer"));
await page.selectOption("#against", "1");
await page.waitForTimeout(100);
await shot(page, "3-seven-not-one");
await page.selectOption("#truth", "7");
await page.click("#learn-many");
await learned(page);
console.log(await text(page, "progress"), await text(page, "answer"));
await shot(page, "4-learned");
await page.click("#forget");
await page.waitForTimeout(200);
await shot(page, "5-forgotten");
console.log(await text(page, "answer"));
await page.click("#digits");
await learned(page);
console.log(await text(page, "progress"), await text(page, "answer"));
await shot(page, "6-from-nothing");
await page.fill("#name", "M");
await page.click("#add");
for (let i = 0; i < 10; i++) {
  await draw(page, LETTER, [0.01 * (i % 3) - 0.01, 0.01 * (i % 4) - 0.01]);
  await page.click("#example");
}
await page.click("#finish");
await learned(page);
await draw(page, LETTER);
console.log(await text(page, "progress"), await text(page, "answer"));
await shot(page, "7-letter");
await page.click("#device");
await page.waitForFunction(() => !document.getElementById("device").disabled);
console.log(await text(page, "device-note"), await text(page, "portable-crc"), await text(page, "vector-crc"));
await page.click("#bench");
await page.waitForFunction(() => !document.getElementById("bench").disabled);
console.log(await text(page, "bench-note"));
await shot(page, "8-device");
const dark = await open("dark", { colorScheme: "dark", viewport: wide });
await draw(dark, FOUR);
await shot(dark, "dark");
const small = await open("phone", { colorScheme: "light", viewport: phone });
await draw(small, FOUR);
await shot(small, "phone");
await browser.close();
failures.forEach((failure) => console.error(failure));
console.log(failures.length === 0 ? "well" : "fails");
process.exitCode = failures.length === 0 ? 0 : 1;
