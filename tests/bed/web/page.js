// Looks at the page of a service as people with browsers do, in Chromium. Prints a JSON document
// of what it found; leaves what it downloaded, and pictures, in a folder.
//
//   node page.js URL SETTINGS FOLDER      needs NODE_PATH with playwright-core and axe-core
//
// SETTINGS is the path of the page in the settings of a datastore. Exit status 0 unless it could
// not look at all.
"use strict";
const { chromium } = require("playwright-core");
const axe = require("axe-core");

const [url, settings, folder] = process.argv.slice(2);
const executablePath = process.env.CHROMIUM || "/usr/bin/chromium";
const found = { problems: [], downloads: {}, sizes: {}, looks: 0 };
const problem = (where, what) => found.problems.push(`${where}: ${what}`);

// A page that tells of errors, of requests to elsewhere, and how much it loads.
async function open(browser, path, options) {
  const context = await browser.newContext({ baseURL: url, acceptDownloads: true, ...options });
  const page = await context.newPage();
  const bodies = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) problem(path, message.text());
  });
  page.on("pageerror", (error) => problem(path, error.message));
  page.on("request", (request) => {
    const to = new URL(request.url());
    if (to.protocol !== "data:" && to.origin !== new URL(url).origin) problem(path, `asks ${to}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) problem(path, `${response.status()} ${response.url()}`);
    if (!response.url().startsWith("data:")) bodies.push(response.body());
  });
  await page.goto(path, { waitUntil: "load" });
  found.sizes[path] = (await Promise.all(bodies)).reduce((sum, body) => sum + body.length, 0);
  return { context, page };
}

async function look(browser, path, name, width, height, colorScheme) {
  // Scripts of ours that are put into the page would be against its policy.
  const options = { viewport: { width, height }, colorScheme, bypassCSP: true };
  const { context, page } = await open(browser, path, options);
  const where = `${path} ${name} ${colorScheme}`;
  const png = `${folder}/${path.replace(/\W+/g, "_")}-${name}-${colorScheme}.png`;
  await page.screenshot({ path: png, fullPage: true });
  await page.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  if (await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)) {
    problem(where, "it is wider than the window");
  }
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  for (const { id, nodes } of violations) problem(where, `axe: ${id}: ${nodes[0].html}`);
  found.looks += 1;
  await context.close();
}

async function use(browser) {
  const permissions = ["clipboard-read", "clipboard-write"];
  const { context, page } = await open(browser, "/?engine=postgresql", { permissions });
  for (const format of ["PEM", "DER", "PKCS#12", "JKS"]) {
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: format, exact: true }).click(),
    ]);
    const name = download.suggestedFilename();
    await download.saveAs(`${folder}/${name}`);
    found.downloads[format] = name;
  }
  await page.getByRole("button", { name: "Copy the fingerprint" }).first().click();
  await page.getByText("Copied", { exact: true }).first().waitFor();
  found.copied = await page.evaluate(() => navigator.clipboard.readText());
  found.shown = await page.locator("#f1").textContent();
  // With keys alone: to the first button and through it.
  await page.getByRole("button", { name: "Copy the fingerprint" }).first().focus();
  await page.keyboard.press("Tab");
  found.focused = await page.evaluate(() => document.activeElement.textContent);
  await page.getByRole("searchbox").fill("rust");
  const clients = page.locator("[data-client]");
  found.clients = await clients.count();
  found.filtered = await clients.filter({ visible: true }).count();
  await page.getByRole("searchbox").fill("");
  await clients.first().locator("summary").click();
  found.modes = await clients.first().locator("h3").allTextContents();
  await context.close();
}

async function withoutScript(browser) {
  const { context, page } = await open(browser, "/?engine=valkey", { javaScriptEnabled: false });
  found.buttons = await page.getByRole("button").count();
  await page.locator("details summary").first().click();
  found.unfolds = await page.locator("details pre").first().isVisible();
  await context.close();
}

(async () => {
  // As root Chromium has no sandbox; what it looks at is ours.
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  for (const path of ["/", "/?engine=postgresql", settings, "/api/docs"]) {
    for (const [name, width, height] of [["phone", 390, 844], ["desktop", 1280, 900]]) {
      for (const scheme of ["light", "dark"]) await look(browser, path, name, width, height, scheme);
    }
  }
  await use(browser);
  await withoutScript(browser);
  await browser.close();
  console.log(JSON.stringify(found));
})().catch((error) => { console.error(error); process.exit(1); });
