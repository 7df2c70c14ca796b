package sandbox

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// namedFault is a way to misbehave that can be asked for by name: PART:WHAT or PART:WHAT=VALUE.
type namedFault struct {
	part, what string
	value      faultValue
	does       string
	apply      func(*Sandbox, faultAmount)
}

// faultValue is what may stand behind the equals sign.
type faultValue string

const (
	noValue  faultValue = ""
	duration faultValue = "DURATION"
	times    faultValue = "TIMES"
)

// faultAmount is that value as it was read: the zero value is how it is without one.
type faultAmount struct {
	duration time.Duration
	times    int
}

// or is the duration, or that one where none was given.
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

// namedFaults are all of them, in the order in which they are listed.
func namedFaults() []namedFault {
	faults := []namedFault{
		{"idp", "slow", duration, "each answer takes longer (2s)", func(s *Sandbox, a faultAmount) {
			s.IdP.Set(func(k *Knobs) { k.Delay = a.or(usualSlowness) })
		}},
		idpFault("5xx", "the token endpoint answers 503", func(k *Knobs) { k.TokenStatus = http.StatusServiceUnavailable }),
		idpFault("wrong-nonce", "ID tokens have another nonce", func(k *Knobs) { k.WrongNonce = true }),
		idpFault("wrong-key", "ID tokens are signed by a key that is not published", func(k *Knobs) { k.WrongKey = true }),
		idpFault("expired", "ID tokens expired an hour ago", func(k *Knobs) { k.Expired = true }),
		idpFault("odd", "optional members of discovery, keys and ID tokens have the wrong type", func(k *Knobs) { k.Odd = true }),
		idpFault("no-refresh-token", "no refresh token is given", func(k *Knobs) { k.NoRefreshToken = true }),
		idpFault("refresh-refused", "refresh requests get interaction_required (400)", func(k *Knobs) {
			k.RefreshAnswer = Answer{http.StatusBadRequest, "application/json", `{"error":"interaction_required"}`}
		}),
		idpFault("refresh-no-id-token", "a refresh answer has no ID token", func(k *Knobs) { k.RefreshNoIDToken = true }),
		idpFault("refresh-scope-required", "a refresh answer has an ID token only if scope=openid was sent (Microsoft)",
			func(k *Knobs) { k.RefreshNeedsOpenID = true }),
		idpFault("refresh-scope-refused", "refresh requests with a scope get invalid_scope (400)", func(k *Knobs) { k.RefreshScopeError = "invalid_scope" }),
		idpFault("bare-token-answer", "tokens come as text/plain, without an access token", func(k *Knobs) { k.BareAnswer = true }),
		{"idp", "key-rotated", noValue, "each token request finds new keys, and the old ones withdrawn", rotateKeys},
		idpFault("denied", "the sign-in comes back with access_denied", func(k *Knobs) {
			k.Error, k.ErrorDescription = "access_denied", "A fault says so."
		}),
	}
	broken := func(s *Sandbox) (*breakable, *server) { return &s.STS.breakable, &s.STS.server }
	faults = append(faults, awsFaults("sts", broken,
		Fault{Code: "Throttling", Status: http.StatusBadRequest, Message: "Rate exceeded"},
		Fault{Code: "ServiceUnavailable", Status: http.StatusServiceUnavailable, Message: "A fault says so."})...)
	faults = append(faults, clockFault("sts", broken),
		answered("sts", "no-key", "STS cannot fetch the identity provider's keys", broken, Fault{Code: "InvalidIdentityToken",
			Message: "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements"}),
		answered("sts", "thumbprint", "the identity provider's certificate does not match the IAM provider's thumbprint", broken, Fault{Code: "InvalidIdentityToken",
			Message: "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint"}))
	broken = func(s *Sandbox) (*breakable, *server) { return &s.Cognito.breakable, &s.Cognito.server }
	faults = append(faults, awsFaults("cognito", broken,
		Fault{Code: "TooManyRequestsException", Status: http.StatusTooManyRequests, Message: "Rate exceeded"},
		Fault{Code: "InternalErrorException", Status: http.StatusInternalServerError, Message: "A fault says so."})...)
	faults = append(faults, clockFault("cognito", broken),
		answered("cognito", "idp-down", "the identity provider does not answer the pool", broken,
			Fault{Code: "ExternalServiceException", Message: "A fault says so."}))
	broken = func(s *Sandbox) (*breakable, *server) { return &s.S3.breakable, &s.S3.server }
	faults = append(faults, awsFaults("s3", broken,
		Fault{Code: "SlowDown", Status: http.StatusServiceUnavailable, Message: "Please reduce your request rate."},
		Fault{Code: "InternalError", Status: http.StatusInternalServerError, Message: "We encountered an internal error. Please try again."})...)
	faults = append(faults, answered("s3", "kms-denied", "the role may not use the bucket's KMS key", broken, Fault{Code: "AccessDenied", Status: http.StatusForbidden,
		Message: "User: arn:aws:sts::111122223333:assumed-role/PhotoUploader/alice is not authorized to perform: kms:GenerateDataKey on resource: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy allows the kms:GenerateDataKey action"}))
	return append(faults, faulty("s3", "cut", times, "connections end without an answer", broken, func(f *Fault, a faultAmount) {
		f.Cut, f.Times = true, a.times
	}))
}

func idpFault(what, does string, turn func(*Knobs)) namedFault {
	return namedFault{"idp", what, noValue, does, func(s *Sandbox, _ faultAmount) { s.IdP.Set(turn) }}
}

// rotateKeys gives the IdP new keys before each token, so that whoever kept the old ones must ask again.
func rotateKeys(s *Sandbox, _ faultAmount) {
	s.IdP.before = func(r *http.Request) {
		if r.URL.Path == "/token" {
			s.IdP.RotateKey()
		}
	}
}

// faulty is a fault of one of AWS's services; those of the same service add up.
func faulty(part, what string, value faultValue, does string, of func(*Sandbox) (*breakable, *server), turn func(*Fault, faultAmount)) namedFault {
	return namedFault{part, what, value, does, func(s *Sandbox, a faultAmount) {
		broken, _ := of(s)
		turn(&broken.fault, a)
	}}
}

// answered is a fault whose answer is always the same.
func answered(part, what, does string, of func(*Sandbox) (*breakable, *server), with Fault) namedFault {
	return faulty(part, what, times, does, of, func(f *Fault, a faultAmount) {
		f.Code, f.Status, f.Message, f.Times = with.Code, with.Status, with.Message, a.times
	})
}

// awsFaults are those that every service has.
func awsFaults(part string, of func(*Sandbox) (*breakable, *server), throttled, failing Fault) []namedFault {
	return []namedFault{
		answered(part, "throttled", fmt.Sprintf("requests get %s (%d)", throttled.Code, throttled.Status), of, throttled),
		answered(part, "5xx", fmt.Sprintf("requests get %s (%d)", failing.Code, failing.Status), of, failing),
		faulty(part, "page", times, "requests get a web page with status 200, as a captive portal's", of, func(f *Fault, a faultAmount) {
			f.Page, f.Times = true, a.times
		}),
		faulty(part, "slow", duration, "each answer takes longer (2s)", of, func(f *Fault, a faultAmount) { f.Delay = a.or(usualSlowness) }),
	}
}

func clockFault(part string, of func(*Sandbox) (*breakable, *server)) namedFault {
	return namedFault{part, "clock-off", duration, "its clock is ahead (10m), or behind (-10m)", func(s *Sandbox, a faultAmount) {
		_, server := of(s)
		now, off := server.Now, a.or(usualClockOff)
		server.Now = func() time.Time { return now().Add(off) }
	}}
}

// breakByName makes the part misbehave. Call it before the first request.
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
	return optionError("fault", "there is no fault %q; there are:\n%s", name, ListFaults())
}

// read reads what stands behind the equals sign.
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
	return faultAmount{}, fmt.Errorf("it takes no value")
}

// ListFaults lists the faults that Options.Faults takes, a line each. TIMES is how many requests fail
// before all is well again; without it every one does.
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
