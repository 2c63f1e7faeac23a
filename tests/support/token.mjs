// Tokens as the development issuer signs them, and the key they are signed with.
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto'

export const ISSUER = 'samsyn-development'
export const AUDIENCE = 'samsyn'
export const CLIENT = 'demo-portal'
const LIFETIME_S = 3600 // longer than any test takes
const SCOPES = ['samsyn:case', 'samsyn:agreement', 'samsyn:admin', 'samsyn:audit']

// A fresh RSA key in PEM (PKCS #8).
export function makeKey() {
  return generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
  }).privateKey
}

const encode = value => Buffer.from(JSON.stringify(value)).toString('base64url')

// A signed JWT (RS256). `claims` are laid over the usual ones; a claim of undefined is left out.
export function sign(key, subject, claims = {}, header = {}) {
  const now = Math.floor(Date.now() / 1000)
  const usual = {
    iss: ISSUER, aud: AUDIENCE, sub: subject, azp: CLIENT, scope: SCOPES.join(' '),
    iat: now, nbf: now, exp: now + LIFETIME_S, jti: randomUUID()
  }
  const head = encode({ alg: 'RS256', typ: 'JWT', kid: 'development', ...header })
  const signed = `${head}.${encode({ ...usual, ...claims })}`
  return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`
}
