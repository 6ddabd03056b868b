// SPDX-License-Identifier: MIT
// browser.mjs {"executable","profile","dark","root"}: Chromium without a screen, as a person who presses what login and consent
// pages offer. Takes {"login":URL,"name","consent"} → {"page":{"url","status","title","text"}} once no form is left, and
// {"picture":PATH}.
import { createInterface } from 'node:readline'
import puppeteer from 'puppeteer-core'

const options = JSON.parse(process.argv[2])
const tell = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)

const browser = await puppeteer.launch({
  executablePath: options.executable,
  userDataDir: options.profile,
  args: ['--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-background-networking', '--no-proxy-server',
    // Chromium's own sandbox refuses root; other users have it.
    ...(options.root ? ['--no-sandbox'] : [])]
})
const page = await browser.newPage()
await page.setViewport({ width: 900, height: 600 })
await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: options.dark ? 'dark' : 'light' }])

async function press (selector) {
  const [answer] = await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), page.click(selector)])
  return answer
}

async function logIn ({ login, name, consent }) {
  let answer = await page.goto(login, { waitUntil: 'load' })
  for (let turn = 0; turn < 20 && await page.$('form') !== null; turn++) {
    const field = await page.$('input[name=login]')
    if (field !== null) {
      await field.type(name)
      await page.type('input[name=password]', 'any')
    } else if (!consent && await page.$('input[name=prompt][value=consent]') !== null) {
      answer = await press('a[href$="/abort"]')
      continue
    }
    answer = await press('button[type=submit]')
  }
  return {
    url: page.url(),
    status: answer?.status(),
    title: await page.title(),
    text: await page.evaluate(() => document.body.innerText)
  }
}

tell({ ready: true })
for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line)
  if (order.login) {
    tell({ page: await logIn(order) })
    continue
  }
  if (order.picture) await page.screenshot({ path: order.picture })
  tell({ done: line })
}
await browser.close()
process.exit(0)
