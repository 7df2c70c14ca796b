// A link on another page leads to the sign-in, in headless Chromium: other-page.mjs URL FOLDER. Such a page begins no
// sign-in, however it opens the URL, and cannot show it in a frame. The person continues by keyboard, and signs in. It
// exits with 0 if all of that is so.
import http from 'node:http'
import { chromium } from 'playwright-core'

const [url, folder] = process.argv.slice(2)
const here = new URL(url)
// Another port of the same host is the same site to a browser; another name for it is another site.
const hosts = { 'same-site': here.hostname, 'cross-site': here.hostname === 'localhost' ? '127.0.0.1' : 'localhost' }
const pages = {
  '/link': `<a href="${url}">link</a>`,
  '/form': `<form action="${url}"><button>link</button></form>`,
  '/refresh': `<meta http-equiv="refresh" content="0;url=${url}">`,
  '/frame': `<iframe src="${url}"></iframe>`
}

const other = http.createServer((request, response) => {
  response.setHeader('Content-Type', 'text/html')
  response.end(pages[request.url] ?? '')
})
await new Promise(resolve => other.listen(0, resolve))
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
const question = 'Continue with the sign-in?'

async function wantQuestion (page, what) {
  await page.waitForSelector(`text=${question}`, { timeout: 10000 }).catch(() => {
    throw new Error(`${what} leads to ${page.url()}`)
  })
  if ((await page.context().cookies()).length > 0) throw new Error(`${what} sets a cookie`)
}

try {
  // The sandbox's own authority, with --tls, is one that no browser knows.
  const context = await browser.newContext({ ignoreHTTPSErrors: true })
  const page = await context.newPage()
  for (const [site, host] of Object.entries(hosts)) {
    const address = `http://${host}:${other.address().port}`
    for (const path of ['/link', '/form']) {
      await page.goto(address + path)
      await page.click('text=link')
      await wantQuestion(page, `${site} ${path}`)
      await page.reload()
      await wantQuestion(page, `${site} ${path}, loaded again`)
    }
    await page.goto(address + '/refresh')
    await wantQuestion(page, `${site} /refresh`)

    await page.goto(address + '/frame')
    const frame = page.frames()[1]
    await frame?.waitForLoadState().catch(() => {})
    const text = await frame?.innerText('body').catch(() => '')
    if (text?.includes('Continue')) throw new Error(`${site}: the page is shown in a frame: ${text}`)

    // A script that opened the page goes away from it and back.
    await page.goto(address + '/')
    const opened = context.waitForEvent('page')
    await page.evaluate(to => { window.opened = window.open(to) }, url)
    const popup = await opened
    await wantQuestion(popup, `${site} window.open`)
    await page.evaluate(to => { window.opened.location = to }, address + '/back')
    await popup.waitForURL('**/back')
    await page.evaluate(() => window.opened.history.back())
    await wantQuestion(popup, `${site} history.back`)
    await popup.close()
  }

  await page.goto(`http://${hosts['cross-site']}:${other.address().port}/link`)
  await page.click('text=link')
  await wantQuestion(page, 'the link')
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    await page.screenshot({ path: `${folder}/continue-${colorScheme}.png` })
  }
  await page.keyboard.press('Tab')
  await page.screenshot({ path: `${folder}/continue-focus.png` })
  await page.keyboard.press('Enter')
  await page.click('text=alice@example.com')
  await page.waitForSelector('text=You can close this tab')
} catch (err) {
  console.error(String(err))
  process.exitCode = 1
} finally {
  await browser.close()
  other.close()
}
