// A person signs in by keyboard alone, in headless Chromium: sign-in.mjs URL FOLDER. It leaves pictures
// of both pages in the folder, light, dark and 320 pixels wide, and exits with 0 when the last page says
// that alice is signed in.
import { chromium } from 'playwright-core'

const [url, folder] = process.argv.slice(2)
const wide = { width: 800, height: 600 }
const narrow = { width: 320, height: 640 }

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync'],
})
const requests = []
const complaints = []

async function pictures (page, name) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme })
    await page.setViewportSize(wide)
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}.png` })
    await page.setViewportSize(narrow)
    await page.screenshot({ path: `${folder}/${name}-${colorScheme}-320.png` })
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth)
    if (overflow) throw new Error(`${name} is wider than 320 pixels`)
  }
  await page.setViewportSize(wide)
}

// tabTo moves the focus to what has that text, as a person does who has no mouse.
async function tabTo (page, text) {
  for (let i = 0; i < 20; i++) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate(() => document.activeElement?.innerText ?? '')
    if (focused.includes(text)) return
  }
  throw new Error(`20 times Tab do not reach "${text}"`)
}

try {
  // The sandbox's own authority, with --tls, is one that no browser knows.
  const page = await browser.newPage({ ignoreHTTPSErrors: true })
  page.on('request', r => requests.push(r.url()))
  page.on('console', m => complaints.push(m.text()))
  page.on('pageerror', e => complaints.push(String(e)))
  await page.goto(url)
  await pictures(page, 'sign-in')
  await tabTo(page, 'alice@example.com')
  await page.screenshot({ path: `${folder}/sign-in-focus.png` })
  await page.keyboard.press('Enter')
  await page.waitForSelector('text=You can close this tab')
  await pictures(page, 'signed-in')

  const text = await page.innerText('body')
  if (!text.includes('alice@example.com')) throw new Error(`the last page does not say who signed in: ${text}`)
  if (new URL(page.url()).search !== '') throw new Error('the address bar still has a query')
  if (await page.evaluate(() => document.documentElement.lang) === '') throw new Error('the page has no language')
  if (await page.locator('h1').count() !== 1) throw new Error('the page has not one h1')
  const outside = requests.filter(r => !['127.0.0.1', 'localhost', '[::1]'].includes(new URL(r).hostname))
  if (outside.length > 0) throw new Error(`the pages ask for ${outside}`)
  const said = complaints.filter(c => !c.includes('favicon'))
  if (said.length > 0) throw new Error(`the browser complains: ${said}`)
} catch (err) {
  console.error(String(err))
  process.exitCode = 1
} finally {
  await browser.close()
}
