// HTML as the server writes it, strict enough to be read without a browser: every element closed in order, every attribute in
// double quotes, nothing but known character references.
//
//   const page = readHtml(reply.text)     {language, title, text, tags, rows: [[cell, ...], ...]}; throws on a fault
import assert from 'node:assert/strict'

const VOID = ['meta', 'br']
const ENTITIES = { '&lt;': '<', '&gt;': '>', '&amp;': '&', '&quot;': '"' }
const TAG = /^<(\/?)([a-z][a-z0-9]*)((?: [a-z-]+="[^"<>]*")*)>/

function unescape(text, at) {
  assert.equal(/[<>]/.test(text), false, `a bare angle bracket at ${at}: ${text.slice(0, 80)}`)
  return text.replace(/&[^;&\s]*;?/g, reference => {
    assert.ok(ENTITIES[reference], `an unknown character reference at ${at}: ${reference}`)
    return ENTITIES[reference]
  })
}

export function readHtml(source) {
  assert.ok(source.startsWith('<!doctype html>\n'), 'no doctype')
  const page = { text: '', tags: [], rows: [] }
  const open = []
  let at = '<!doctype html>\n'.length
  while (at < source.length) {
    if (source[at] !== '<') {
      const end = source.indexOf('<', at) < 0 ? source.length : source.indexOf('<', at)
      add(page, open, open.at(-1) === 'style' ? source.slice(at, end) : unescape(source.slice(at, end), at))
      at = end
      continue
    }
    const found = TAG.exec(source.slice(at, at + 4000))
    assert.ok(found, `no tag at ${at}: ${source.slice(at, at + 80)}`)
    enter(page, open, found, at)
    at += found[0].length
  }
  assert.deepEqual(open, [], 'elements left open')
  return page
}

function enter(page, open, [, closing, name, attributes], at) {
  for (const [, value] of attributes.matchAll(/="([^"]*)"/g)) unescape(value, at)
  if (name === 'html' && !closing) page.language = /lang="([a-z]+)"/.exec(attributes)?.[1]
  if (closing) assert.equal(open.pop(), name, `closed out of order at ${at}`)
  else {
    page.tags.push(name)
    if (!VOID.includes(name)) open.push(name)
  }
  if (!closing && name === 'tr' && open.includes('tbody')) page.rows.push([])
  if (!closing && name === 'td') page.rows.at(-1).push('')
  if (!closing && name === 'br') add(page, open, '\n')
}

function add(page, open, text) {
  if (open.at(-1) === 'style') page.style = (page.style ?? '') + text
  else if (open.at(-1) === 'title') page.title = text
  else page.text += text
  if (open.includes('td')) page.rows.at(-1).push(page.rows.at(-1).pop() + text)
}
