package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// namedFault is a fault that can be requested by name: PART:WHAT or PART:WHAT=VALUE.
type namedFault struct {
	part, what string
	value      faultValue
	does       string
	apply      func(*Sandbox, faultAmount)
}

// faultValue says what may follow the equals sign.
type faultValue string

const (
	noValue  faultValue = ""
	duration faultValue = "DURATION"
	times    faultValue = "TIMES"
)

// faultAmount is the parsed value. The zero value stands for a missing one.
type faultAmount struct {
	duration time.Duration
	times    int
}

// or returns the duration, or usual if none was given.
func (a faultAmount) or(usual time.Duration) time.Duration {
	if a.duration == 0 {
		return usual
	}
	return a.duration
}

const (
	usualSlowness = 2 * time.Second
	usualClockOff = 10 * time.Minute
)

// namedFaults returns all faults, in the order of the list.
func namedFaults() []namedFault {
	faults := []namedFault{
		{"idp", "slow", duration, "each response is delayed (2s)", func(s *Sandbox, a faultAmount) {
			s.IdP.Set(func(k *Knobs) { k.Delay = a.or(usualSlowness) })
		}},
		idpFault("5xx", "the token endpoint answers 503", func(k *Knobs) { k.TokenStatus = http.StatusServiceUnavailable }),
		idpFault("wrong-nonce", "ID tokens have the wrong nonce", func(k *Knobs) { k.WrongNonce = true }),
		idpFault("wrong-key", "ID tokens are signed with an unpublished key", func(k *Knobs) { k.WrongKey = true }),
		idpFault("expired", "ID tokens expired an hour ago", func(k *Knobs) { k.Expired = true }),
		idpFault("odd", "optional members of discovery, keys and ID tokens have the wrong type", func(k *Knobs) { k.Odd = true }),
		idpFault("no-refresh-token", "no refresh token is issued", func(k *Knobs) { k.NoRefreshToken = true }),
		idpFault("refresh-refused", "refresh requests get interaction_required (400)", func(k *Knobs) {
			k.RefreshAnswer = Answer{http.StatusBadRequest, "application/json", `{"error":"interaction_required"}`}
		}),
		idpFault("refresh-no-id-token", "refresh responses have no ID token", func(k *Knobs) { k.RefreshNoIDToken = true }),
		idpFault("refresh-scope-required", "refresh responses have an ID token only if scope=openid was sent (Microsoft)",
			func(k *Knobs) { k.RefreshNeedsOpenID = true }),
		idpFault("refresh-scope-refused", "refresh requests with a scope get invalid_scope (400)", func(k *Knobs) { k.RefreshScopeError = "invalid_scope" }),
		idpFault("bare-token-answer", "token responses are text/plain, without an access token", func(k *Knobs) { k.BareAnswer = true }),
		{"idp", "key-rotated", noValue, "the signing keys are replaced before each token", rotateKeys},
		idpFault("denied", "sign-ins end with access_denied", func(k *Knobs) {
			k.Error, k.ErrorDescription = "access_denied", "Simulated fault."
		}),
	}
	broken := func(s *Sandbox) (*breakable, *server) { return &s.STS.breakable, &s.STS.server }
	faults = append(faults, awsFaults("sts", broken,
		Fault{Code: "Throttling", Status: http.StatusBadRequest, Message: "Rate exceeded"},
		Fault{Code: "ServiceUnavailable", Status: http.StatusServiceUnavailable, Message: "Simulated fault."})...)
	faults = append(faults, clockFault("sts", broken),
		answered("sts", "no-key", "STS cannot fetch the identity provider's keys", broken, Fault{Code: "InvalidIdentityToken",
			Message: "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"}),
		answered("sts", "thumbprint", "the identity provider's certificate does not match the IAM provider's thumbprint", broken, Fault{Code: "InvalidIdentityToken",
			Message: "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"}))
	broken = func(s *Sandbox) (*breakable, *server) { return &s.Cognito.breakable, &s.Cognito.server }
	faults = append(faults, awsFaults("cognito", broken,
		Fault{Code: "TooManyRequestsException", Status: http.StatusTooManyRequests, Message: "Rate exceeded"},
		Fault{Code: "InternalErrorException", Status: http.StatusInternalServerError, Message: "Simulated fault."})...)
	faults = append(faults, clockFault("cognito", broken),
		answered("cognito", "idp-down", "the pool cannot reach the identity provider", broken,
			Fault{Code: "ExternalServiceException", Message: "Simulated fault."}))
	broken = func(s *Sandbox) (*breakable, *server) { return &s.S3.breakable, &s.S3.server }
	faults = append(faults, awsFaults("s3", broken,
		Fault{Code: "SlowDown", Status: http.StatusServiceUnavailable, Message: "Please reduce your request rate."},
		Fault{Code: "InternalError", Status: http.StatusInternalServerError, Message: "We encountered an internal error. Please try again."})...)
	faults = append(faults, answered("s3", "kms-denied", "the role may not use the bucket's KMS key", broken, Fault{Code: "AccessDenied", Status: http.StatusForbidden,
		Message: "User: arn:aws:sts::111122223333:assumed-role/PhotoUploader/alice is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy allows the kms:GenerateDataKey action"}))
	return append(faults, faulty("s3", "cut", times, "connections are closed without a response", broken, func(f *Fault, a faultAmount) {
		f.Cut, f.Times = true, a.times
	}))
}

func idpFault(what, does string, turn func(*Knobs)) namedFault {
	return namedFault{"idp", what, noValue, does, func(s *Sandbox, _ faultAmount) { s.IdP.Set(turn) }}
}

// rotateKeys gives the IdP new keys before each token, so that clients with cached keys must fetch them again.
func rotateKeys(s *Sandbox, _ faultAmount) {
	s.IdP.before = func(r *http.Request) {
		if r.URL.Path == "/token" {
			s.IdP.RotateKey()
		}
	}
}

// faulty returns a fault of an AWS service; several faults of one service add up.
func faulty(part, what string, value faultValue, does string, of func(*Sandbox) (*breakable, *server), turn func(*Fault, faultAmount)) namedFault {
	return namedFault{part, what, value, does, func(s *Sandbox, a faultAmount) {
		broken, _ := of(s)
		turn(&broken.fault, a)
	}}
}

// answered returns a fault that always has the same response.
func answered(part, what, does string, of func(*Sandbox) (*breakable, *server), with Fault) namedFault {
	return faulty(part, what, times, does, of, func(f *Fault, a faultAmount) {
		f.Code, f.Status, f.Message, f.Times = with.Code, with.Status, with.Message, a.times
	})
}

// awsFaults returns the faults that every AWS service has.
func awsFaults(part string, of func(*Sandbox) (*breakable, *server), throttled, failing Fault) []namedFault {
	return []namedFault{
		answered(part, "throttled", fmt.Sprintf("requests get %s (%d)", throttled.Code, throttled.Status), of, throttled),
		answered(part, "5xx", fmt.Sprintf("requests get %s (%d)", failing.Code, failing.Status), of, failing),
		faulty(part, "page", times, "requests get a web page with status 200, as from a captive portal", of, func(f *Fault, a faultAmount) {
			f.Page, f.Times = true, a.times
		}),
		faulty(part, "slow", duration, "each response is delayed (2s)", of, func(f *Fault, a faultAmount) { f.Delay = a.or(usualSlowness) }),
	}
}

func clockFault(part string, of func(*Sandbox) (*breakable, *server)) namedFault {
	return namedFault{part, "clock-off", duration, "the server's clock is ahead (10m), or behind (-10m)", func(s *Sandbox, a faultAmount) {
		_, server := of(s)
		now, off := server.Now, a.or(usualClockOff)
		server.Now = func() time.Time { return now().Add(off) }
	}}
}

// breakByName turns the fault on. Call it before the first request.
func (s *Sandbox) breakByName(name string) error {
	asked, value, given := strings.Cut(name, "=")
	for _, f := range namedFaults() {
		if f.part+":"+f.what != asked {
			continue
		}
		amount, err := f.read(value, given)
		if err != nil {
			return optionError("fault", "%q: %w", name, err)
		}
		f.apply(s, amount)
		return nil
	}
	return optionError("fault", "unknown fault %q; the faults are:\n%s", name, ListFaults())
}

// read parses the value.
func (f namedFault) read(value string, given bool) (faultAmount, error) {
	switch {
	case !given:
		return faultAmount{}, nil
	case f.value == duration:
		d, err := time.ParseDuration(value)
		if err != nil || d == 0 || d < 0 && f.what != "clock-off" {
			return faultAmount{}, fmt.Errorf("%q is not a duration such as 2s", value)
		}
		return faultAmount{duration: d}, nil
	case f.value == times:
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return faultAmount{}, fmt.Errorf("%q is not a number of requests", value)
		}
		return faultAmount{times: n}, nil
	}
	return faultAmount{}, fmt.Errorf("this fault takes no value")
}

// ListFaults returns the faults that Options.Faults accepts, one a line. TIMES is how many requests fail before the
// next ones succeed; without it every request fails.
func ListFaults() string {
	var b strings.Builder
	for _, f := range namedFaults() {
		name := f.part + ":" + f.what
		if f.value != noValue {
			name += "[=" + string(f.value) + "]"
		}
		fmt.Fprintf(&b, "  %-30s %s\n", name, f.does)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
