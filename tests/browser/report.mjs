// Opens a report of `ff explain` in a headless Chromium and uses it as a reader would.
//
//     node report.mjs REPORT.html SCREENSHOTS
//
// Ends with 1 and the reasons where something is not as it should be.

import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [report, folder] = process.argv.slice(2);
const failures = [];
const expect = (holds, what) => {
  if (!holds) failures.push(what);
};

mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-dev-shm-usage", "--disable-sync", "--no-first-run"],
});

async function open(name, colorScheme, viewport) {
  const page = await browser.newPage({ colorScheme, viewport });
  page.on("console", (message) => expect(message.type() !== "error", `${name}: console: ${message.text()}`));
  page.on("pageerror", (error) => expect(false, `${name}: ${error}`));
  page.on("request", (request) => {
    const own = request.url().startsWith("file:") || request.url().startsWith("data:");
    expect(own, `${name}: asks the network for ${request.url()}`);
  });
  await page.goto(pathToFileURL(resolve(report)).href, { waitUntil: "load" });
  // A picture in a closed part of the page is not loaded before it is opened.
  const details = await page.locator("details").all();
  for (const [number, detail] of details.entries()) {
    if (number > 0) await detail.evaluate((element) => (element.open = true));
  }
  if (details.length > 0) {
    await details[0].locator("summary").focus();
    await page.keyboard.press("Enter");
    expect(await details[0].evaluate((element) => element.open), `${name}: Enter does not open the details`);
  }
  const broken = await page.locator("img").evaluateAll(async (images) => {
    await Promise.allSettled(images.map((image) => image.decode()));
    return images.filter((image) => image.naturalWidth === 0 || image.alt === "").map((image) => image.alt);
  });
  expect(broken.length === 0, `${name}: ${broken.length} images do not load or have no alt text: ${broken[0]}`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(wide <= 0, `${name}: the page is ${wide} pixels wider than the screen`);
  for (const section of await page.locator("main > section").all()) {
    const id = await section.getAttribute("id");
    const box = await section.evaluate((element) => {
      const { top, height } = element.getBoundingClientRect();
      return { y: top + window.scrollY, height };
    });
    // Of a long section the beginning tells enough.
    const clip = { x: 0, y: box.y, width: viewport.width, height: Math.min(box.height, 1800) };
    await page.screenshot({ path: `${folder}/${name}-${id}.png`, clip, fullPage: true });
  }
  return page;
}

// A page scrolls some time after the key.
async function comesIntoSight(page, id) {
  const isSeen = (id) => {
    const { top } = document.getElementById(id).getBoundingClientRect();
    return top > -5 && top < window.innerHeight;
  };
  return page.waitForFunction(isSeen, id, { timeout: 5000 }).then(() => true, () => false);
}

async function followLinks(page) {
  const links = page.locator(".confusion a");
  expect((await links.count()) > 0, "the confusion matrix links to no image");
  for (const link of await links.all()) {
    const target = (await link.getAttribute("href")).slice(1);
    await link.focus();
    await page.keyboard.press("Enter");
    expect(await comesIntoSight(page, target), `the link to ${target} leads elsewhere`);
  }
  for (const link of await page.locator("nav a").all()) {
    const target = await link.getAttribute("href");
    expect((await page.locator(target).count()) === 1, `${target} is not on the page`);
  }
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("Tab");
  const reached = await page.evaluate(() => document.activeElement.tagName);
  expect(["A", "SUMMARY"].includes(reached), `Tab reaches ${reached}`);
}

const wide = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };
await followLinks(await open("light", "light", wide));
await open("dark", "dark", wide);
await open("phone", "light", phone);
await open("phone-dark", "dark", phone);
await browser.close();
failures.forEach((failure) => console.error(failure));
console.log(failures.length === 0 ? `${report} is well; pictures of it are in ${folder}` : "the report fails");
process.exitCode = failures.length === 0 ? 0 : 1;
