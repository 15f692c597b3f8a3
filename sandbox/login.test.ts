import { describe, expect, it } from 'vitest'
import { benchPerTest } from './sandbox.fixture.ts'
import type { WebClient } from './web-client.fixture.ts'

const bench = benchPerTest()

describe('logging in on the web', () => {
  it('answers right, wrong and unknown, and a refusal that says nothing of the password', async () => {
    const client = bench.now.client()
    const wrong = await client.logIn('your_instagram_username', 'wrong')
    expect(wrong).toMatchObject({ status: 200, body: { authenticated: false, user: true } })
    expect(await client.logIn('nobody_at_all', 'x')).toMatchObject({ body: { authenticated: false, user: false } })
    const blocked = await client.logIn('wrong_state', 'wrong_state_password')
    expect(blocked.body).toEqual({
      errors: { error: ['Sorry, there was a problem with your request.'] },
      status: 'ok',
      error_type: 'generic_request_error',
    })
    const right = await client.logIn('your_instagram_username', 'your_instagram_password')
    expect(right).toMatchObject({ status: 200, body: { authenticated: true, user: true } })
    expect(client.cookies.get('ds_user_id')).toBe(right.body.userId)
    expect((await client.get('/api/v1/accounts/edit/web_form_data/')).body.form_data.username).toBe(
      'your_instagram_username',
    )
  })

  it('takes a code sent as the documents do, and says when it is wrong or too late', async () => {
    const client = bench.now.client()
    const asked = await client.logIn('your_2fa_username', 'your_2fa_password')
    expect(asked).toMatchObject({ status: 400, body: { two_factor_required: true, error_type: 'two_factor_required' } })
    const identifier = asked.body.two_factor_info.two_factor_identifier
    const submit = (verificationCode: string) =>
      client.post('/accounts/login/ajax/two_factor/', { username: 'your_2fa_username', identifier, verificationCode })
    expect(await submit('000000')).toMatchObject({ body: { error_type: 'sms_code_validation_code_invalid' } })
    await bench.now.clock.advance(11 * 60_000)
    expect(await submit('123456')).toMatchObject({ status: 400, body: { error_type: 'invalid_nonce' } })
    const again = await client.logIn('your_2fa_username', 'your_2fa_password')
    const fresh = again.body.two_factor_info.two_factor_identifier
    const fields = { username: 'your_2fa_username', identifier: fresh, verificationCode: '123 456' }
    expect(await client.post('/api/v1/web/accounts/login/ajax/two_factor/', fields)).toMatchObject({
      body: { authenticated: true },
    })
  })

  it('lets only the jar that met a checkpoint pass once its owner approved', async () => {
    const [met, other] = [bench.now.client(), bench.now.client()]
    const logIn = (client: WebClient) => client.logIn('needs_checkpoint', 'needs_checkpoint_password')
    const stopped = await logIn(met)
    expect(stopped).toMatchObject({ status: 400, body: { message: 'checkpoint_required' } })
    const owner = bench.now.client()
    expect((await owner.get(stopped.body.checkpoint_url)).text).toContain('It was me')
    expect((await owner.post(stopped.body.checkpoint_url, { approve: '1' })).text).toContain('Thank you')
    expect(await logIn(other)).toMatchObject({ body: { message: 'checkpoint_required' } })
    expect(await logIn(met)).toMatchObject({ body: { authenticated: true } })
  })

  it('waits for an approval on another device where there is nothing to type', async () => {
    const client = bench.now.client()
    const asked = await client.logIn('needs_2fa_push', 'needs_2fa_push_password')
    const info = asked.body.two_factor_info
    expect(info).toMatchObject({ sms_two_factor_on: false, totp_two_factor_on: false, whatsapp_two_factor_on: false })
    const username = 'needs_2fa_push'
    const goOn = (verificationCode: string) =>
      client.post('/api/v1/web/accounts/login/ajax/two_factor/', {
        ...{ username, identifier: info.two_factor_identifier, verificationCode },
      })
    expect(await goOn('')).toMatchObject({ status: 400 })
    await bench.now.control('POST', 'approvals/needs_2fa_push')
    expect(await goOn('000000')).toMatchObject({ status: 400 })
    expect(await goOn('')).toMatchObject({ body: { authenticated: true } })
  })

  it('refuses a log-in whose header does not repeat the cookie', async () => {
    const client = bench.now.client()
    await client.get('/')
    client.csrf = 'something-else'
    expect((await client.logIn('your_instagram_username', 'your_instagram_password')).status).toBe(403)
  })

  it('sends a dead session to the log-in page and drops its cookie', async () => {
    const client = await bench.now.loggedIn()
    await bench.now.control('DELETE', 'sessions/your_instagram_username')
    const answer = await client.get('/api/v1/accounts/edit/web_form_data/')
    expect(answer.status).toBe(302)
    expect(client.cookies.has('sessionid')).toBe(false)
    expect((await client.get('/api/v1/direct_v2/inbox/')).body).toMatchObject({ require_login: true })
  })

  it('knows the cookie of the first document', async () => {
    const client = bench.now.client()
    client.cookies.set('sessionid', 'abc123')
    expect((await client.get('/')).status).toBe(200)
    expect(client.cookies.get('ds_user_id')).toBe(bench.now.pkOf('user123'))
    expect(await client.post('/api/v1/web/likes/post789/like/', {})).toMatchObject({ body: { status: 'ok' } })
    expect(await client.post('/api/v1/friendships/create/target456/', {})).toMatchObject({
      body: { friendship_status: { following: true } },
    })
  })

  it('answers 403 without the app id', async () => {
    const client = await bench.now.loggedIn()
    client.appId = null
    expect((await client.get('/api/v1/direct_v2/inbox/')).status).toBe(403)
    bench.now.sandbox.configure({ strict: { appId: false } })
    expect((await client.get('/api/v1/direct_v2/inbox/')).status).toBe(200)
  })
})
