package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"
)

// device is a device that polls by hand, with a clock of the test.
type device struct {
	t    *testing.T
	p    *IdP
	late atomic.Int64
	deviceJSON
}

func newDevice(t *testing.T, knob func(*Knobs)) *device {
	t.Helper()
	d := &device{t: t, p: newIdP(t)}
	d.p.Set(func(k *Knobs) { k.AutoSignIn = ""; knob(k) })
	start := time.Now()
	d.p.Now = func() time.Time { return start.Add(time.Duration(d.late.Load())) }
	resp, err := http.PostForm(d.p.URL()+"/device_authorization", url.Values{"client_id": {"daypass"}, "scope": {"openid email offline_access"}})
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&d.deviceJSON); err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("device authorization: %d, %v", resp.StatusCode, err)
	}
	return d
}

// poll returns the error code or the ID token.
func (d *device) poll(clientID string) (code, idToken string) {
	d.t.Helper()
	resp, err := http.PostForm(d.p.URL()+"/token", url.Values{"grant_type": {deviceGrantType}, "device_code": {d.DeviceCode}, "client_id": {clientID}})
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	var answer struct {
		Error   string
		IDToken string `json:"id_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		d.t.Fatal(err)
	}
	return answer.Error, answer.IDToken
}

func (d *device) want(what, want string) {
	d.t.Helper()
	if got, _ := d.poll("daypass"); got != want {
		d.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

func (d *device) pass(by time.Duration) { d.late.Add(int64(by)) }

func nothing(*Knobs) {}

// x/oauth2 gets its token after a person has opened the complete URL.
func TestDeviceFlow(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	p.Set(func(k *Knobs) { k.AutoSignIn, k.PollInterval = "", time.Second })
	a := newApp(t, p)
	asked, err := a.config.DeviceAuth(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if asked.Interval != 1 || !regexp.MustCompile(`^[B-Z]{4}-[B-Z]{4}$`).MatchString(asked.UserCode) || asked.VerificationURI != p.URL()+"/device" {
		t.Errorf("the answer is %d, %q, %q", asked.Interval, asked.UserCode, asked.VerificationURI)
	}
	page, _, err := Browse(t.Context(), nil, asked.VerificationURIComplete)
	if err != nil || !strings.Contains(page, asked.UserCode) || !strings.Contains(page, "<strong>daypass</strong>") {
		t.Errorf("the page shows neither the code nor the app: %v", err)
	}
	page, status, err := BrowseAs(t.Context(), nil, asked.VerificationURIComplete, "bob")
	if err != nil || status != http.StatusOK || !strings.Contains(page, "Signed in as bob@example.com") {
		t.Errorf("pressing bob: %d, %v", status, err)
	}
	token, err := a.config.DeviceAccessToken(t.Context(), asked)
	if err != nil {
		t.Fatal(err)
	}
	if id, err := a.verify(token); err != nil || id.Subject != p.Users["bob"].Subject || id.Nonce != "" {
		t.Errorf("its ID token: %v, %v", id, err)
	}
	if _, err := a.renew(token.RefreshToken); err != nil {
		t.Errorf("its refresh token: %v", err)
	}
	_, err = a.config.DeviceAccessToken(t.Context(), &oauth2.DeviceAuthResponse{DeviceCode: asked.DeviceCode, Interval: 1})
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.ErrorCode != "invalid_grant" {
		t.Errorf("using the device code again: %v, want invalid_grant", err)
	}
	if got := [3]int{p.Count("device_authorization"), p.Count("device"), p.Count("token:device_code")}; got != [3]int{1, 2, 2} {
		t.Errorf("Count = %v, want 1, 2, 2", got)
	}
}

// RFC 8628 §3.5: every response to a device that polls.
func TestDevicePolls(t *testing.T) {
	t.Parallel()
	d := newDevice(t, nothing)
	if d.Interval != 5 || d.ExpiresIn != 600 {
		t.Errorf("interval, expires_in = %d, %d, want 5, 600", d.Interval, d.ExpiresIn)
	}
	d.want("at first", "authorization_pending")
	d.want("at once again", "slow_down")
	d.pass(9 * time.Second)
	d.want("after nine seconds of ten", "slow_down")
	d.pass(15 * time.Second)
	d.want("after fifteen of fifteen", "authorization_pending")
	if got, _ := d.poll(exactClientID); got != "invalid_grant" {
		t.Errorf("another client: %q", got)
	}
	if _, status, err := BrowseAs(t.Context(), nil, d.Complete, "alice"); err != nil || status != http.StatusOK {
		t.Fatalf("pressing alice: %d, %v", status, err)
	}
	if code, token := d.poll("daypass"); code != "" || token == "" {
		t.Errorf("after the person answered: %q, want tokens at once", code)
	}
	d.want("once more", "invalid_grant")
}

func TestDeviceRefused(t *testing.T) {
	t.Parallel()
	d := newDevice(t, nothing)
	page, status, err := BrowseAs(t.Context(), nil, d.Complete, "")
	if err != nil || status != http.StatusOK || !strings.Contains(page, "refused") {
		t.Errorf("Cancel: %d, %v", status, err)
	}
	d.want("after Cancel", "access_denied")
	if _, status, _ := Browse(t.Context(), nil, d.Complete); status != http.StatusNotFound {
		t.Errorf("the code after Cancel: %d, want 404", status)
	}

	d = newDevice(t, func(k *Knobs) { k.DeviceLife = time.Minute })
	d.pass(time.Minute)
	d.want("a minute later", "expired_token")
	if _, status, _ := Browse(t.Context(), nil, d.Complete); status != http.StatusNotFound {
		t.Errorf("the code a minute later: %d, want 404", status)
	}

	d = newDevice(t, func(k *Knobs) { k.Error = "access_denied" })
	d.want("the knob Error", "access_denied")

	d = newDevice(t, func(k *Knobs) { k.AutoSignIn = "alice" })
	if page, _, err := Browse(t.Context(), nil, d.Complete); err != nil || !strings.Contains(page, "Signed in as alice@example.com") {
		t.Errorf("AutoSignIn: %v, unexpected page", err)
	}
	if code, token := d.poll("daypass"); code != "" || token == "" {
		t.Errorf("AutoSignIn: %q, want tokens", code)
	}
}

// The user code is accepted in any spelling; the page's form is a plain GET.
func TestDeviceCodeEntry(t *testing.T) {
	t.Parallel()
	d := newDevice(t, nothing)
	for typed, want := range map[string]int{
		"": http.StatusOK, d.UserCode: http.StatusOK, " " + strings.ToLower(strings.ReplaceAll(d.UserCode, "-", " ")): http.StatusOK,
		"BBBB-BBBB": http.StatusNotFound, "<b>": http.StatusNotFound, d.UserCode + "B": http.StatusNotFound,
	} {
		page, status, err := Browse(t.Context(), nil, d.VerificationURI+"?"+url.Values{"user_code": {typed}}.Encode())
		if err != nil || status != want || strings.Contains(page, "Who are you?") != (typed != "" && want == http.StatusOK) {
			t.Errorf("typing %q: %d, %v, want %d", typed, status, err, want)
		}
		if strings.Contains(page, "<b>") {
			t.Error("the page repeats what was typed")
		}
	}
}

func TestDeviceAuthorizationIsRefused(t *testing.T) {
	t.Parallel()
	p := newIdP(t)
	for client, want := range map[string]int{"stranger": http.StatusUnauthorized, secretClientID: http.StatusBadRequest, "daypass": http.StatusOK} {
		resp, err := http.PostForm(p.URL()+"/device_authorization", url.Values{"client_id": {client}})
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("client %q: %d, want %d", client, resp.StatusCode, want)
		}
	}
}
