package login

import (
	"context"
	"net/http"
	"time"
)

// issuer is the IdP as one call sees it: what it says of itself and, on their way behind that,
// its keys.
type issuer struct {
	login     *Login
	client    *http.Client
	warn      func(error)
	discovery *later[metadata]
	keys      *later[jwks]
	clock     *peerClock
}

// issuer begins to ask the IdP about itself, in the background, until ctx ends.
func (l *Login) issuer(ctx context.Context, herald *herald, f freshness) *issuer {
	idp := &issuer{login: l, client: l.client(), clock: &peerClock{now: l.now}}
	idp.client.Transport = idp.clock.heardIn(idp.client.Transport)
	idp.warn = func(err error) { herald.tell(Warning{Err: err}) }
	idp.discovery = start(func() (metadata, error) { return idp.discover(ctx, f) })
	return idp
}

// prefetchKeys has the keys there when a token comes.
func (idp *issuer) prefetchKeys(ctx context.Context) {
	idp.keys = start(func() (jwks, error) {
		m, err := idp.discovery.wait(ctx)
		if err != nil {
			return jwks{}, err
		}
		return idp.fetchKeys(ctx, m, kept)
	})
}

// failsWithin returns why the issuer cannot be used, if that is known within the limit.
func (idp *issuer) failsWithin(ctx context.Context, limit time.Duration) error {
	return idp.discovery.failure(ctx, limit)
}

// ask discovers the issuer for a call without a browser. done ends what it began.
func (l *Login) ask(ctx context.Context) (idp *issuer, m metadata, done func(), err error) {
	if err := l.check(); err != nil {
		return nil, metadata{}, nil, err
	}
	inner, cancel := context.WithCancel(ctx)
	herald := &herald{notify: l.Notify}
	done = func() { cancel(); herald.hush() }
	idp = l.issuer(inner, herald, kept)
	if m, err = idp.discovery.wait(ctx); err != nil {
		done()
		return nil, metadata{}, nil, err
	}
	return idp, m, done, nil
}
