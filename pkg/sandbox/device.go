package sandbox

import (
	"crypto/rand"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// deviceGrantType is the grant type of the device flow (RFC 8628 §3.4).
const deviceGrantType = "urn:ietf:params:oauth:grant-type:device_code"

// Values that RFC 8628 §3.2 and §3.5 leave to the IdP, or require. Knobs change the first two.
const (
	deviceLife     = 10 * time.Minute
	deviceInterval = 5 * time.Second
	slowDown       = 5 * time.Second
)

// userCodeLetters are letters that people do not confuse and that form no words (RFC 8628 §6.1).
const userCodeLetters = "BCDFGHJKLMNPQRSTVWXZ"

// deviceGrant is a device that has requested authorization.
type deviceGrant struct {
	form     url.Values // client_id, scope, access_type
	until    time.Time
	interval time.Duration
	polled   time.Time
	granted  *signIn
	denied   bool
	spent    bool
}

// deviceStore holds the pending devices by device code and by user code.
type deviceStore struct {
	mu       sync.Mutex
	byDevice map[string]*deviceGrant
	byUser   map[string]*deviceGrant
}

// deviceJSON is the device authorization response (RFC 8628 §3.2).
type deviceJSON struct {
	DeviceCode      string `json:"device_code"`
	UserCode        string `json:"user_code"`
	VerificationURI string `json:"verification_uri"`
	Complete        string `json:"verification_uri_complete"`
	ExpiresIn       int    `json:"expires_in"`
	Interval        int    `json:"interval"`
}

// deviceAuthorization is the device authorization endpoint (RFC 8628 §3.1).
func (p *IdP) deviceAuthorization(w http.ResponseWriter, r *http.Request) {
	p.count("device_authorization")
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	knobs := p.currentKnobs()
	if !p.wait(r.Context(), knobs.Delay) {
		return
	}
	client, fault := p.clientOf(r)
	if fault != nil {
		fault.write(w)
		return
	}
	form := url.Values{"client_id": {client.ID}, "scope": {r.PostFormValue("scope")}, "access_type": {r.PostFormValue("access_type")}}
	grant := &deviceGrant{form: form, until: p.now().Add(orElse(knobs.DeviceLife, deviceLife)), interval: orElse(knobs.PollInterval, deviceInterval)}
	deviceCode, userCode := p.devices.add(grant)
	page := p.url + "/device"
	writeJSON(w, http.StatusOK, deviceJSON{
		DeviceCode: deviceCode, UserCode: userCode, VerificationURI: page,
		Complete:  page + "?user_code=" + userCode,
		ExpiresIn: int(orElse(knobs.DeviceLife, deviceLife).Seconds()), Interval: int(grant.interval.Seconds()),
	})
}

func orElse(d, usual time.Duration) time.Duration {
	if d == 0 {
		return usual
	}
	return d
}

func (b *deviceStore) add(g *deviceGrant) (deviceCode, userCode string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byDevice == nil {
		b.byDevice, b.byUser = map[string]*deviceGrant{}, map[string]*deviceGrant{}
	}
	deviceCode, userCode = random(32), newUserCode()
	b.byDevice[deviceCode], b.byUser[userCode] = g, g
	return deviceCode, userCode
}

func newUserCode() string {
	var code strings.Builder
	for i := range 8 {
		if i == 4 {
			code.WriteByte('-')
		}
		n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(userCodeLetters)))) // crypto/rand does not fail
		code.WriteByte(userCodeLetters[n.Int64()])
	}
	return code.String()
}

// waits reports whether the device exists and its user has not answered yet.
func (g *deviceGrant) waits(now time.Time) bool {
	return g != nil && !g.denied && g.granted == nil && now.Before(g.until)
}

// waiting returns the request of the pending device with the user code.
func (b *deviceStore) waiting(userCode string, now time.Time) (url.Values, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	g := b.byUser[userCode]
	if !g.waits(now) {
		return nil, false
	}
	return g.form, true
}

// answer records the user's answer; nil refuses. It returns false if the device is not pending any more.
func (b *deviceStore) answer(userCode string, s *signIn, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	g := b.byUser[userCode]
	if !g.waits(now) {
		return false
	}
	g.granted, g.denied = s, s == nil
	return true
}

// poll is a token request of the device (RFC 8628 §3.5). A request that comes too early makes the interval five
// seconds longer.
func (b *deviceStore) poll(deviceCode, clientID string, now time.Time) (signIn, *oauthFault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	g := b.byDevice[deviceCode]
	switch {
	case g == nil || g.spent || g.form.Get("client_id") != clientID:
		return signIn{}, invalidGrant("the device code is unknown or was used before")
	case !now.Before(g.until):
		return signIn{}, badRequest("expired_token", "the device code has expired")
	case g.denied:
		return signIn{}, badRequest("access_denied", "the user pressed Cancel")
	case g.granted != nil:
		g.spent = true
		return *g.granted, nil
	}
	early := !g.polled.IsZero() && now.Sub(g.polled) < g.interval
	g.polled = now
	if early {
		g.interval += slowDown
		return signIn{}, badRequest("slow_down", "poll less often")
	}
	return signIn{}, badRequest("authorization_pending", "the user has not answered yet")
}
