package login

import (
	"context"
	"net/http"
)

// issuer is the IdP during one call. Its metadata and keys are fetched in the background.
type issuer struct {
	login     *Login
	client    *http.Client
	warn      func(error)
	discovery *future[metadata]
	keys      *future[jwks]
	clock     *idpClock
}

// newIssuer starts discovery in the background. It stops when ctx ends.
func (l *Login) newIssuer(ctx context.Context, events *notifier, c caching) *issuer {
	idp := &issuer{login: l, client: l.client(), clock: &idpClock{now: l.now, step: l.step}}
	idp.client.Transport = idp.clock.watch(idp.client.Transport)
	idp.warn = func(err error) { events.send(Warning{Err: err}) }
	idp.discovery = startFuture(func() (metadata, error) { return idp.discover(ctx, c) })
	return idp
}

// prefetchKeys fetches the keys in the background, so that they are there when a token arrives.
func (idp *issuer) prefetchKeys(ctx context.Context) {
	idp.keys = startFuture(func() (jwks, error) {
		m, err := idp.discovery.wait(ctx)
		if err != nil {
			return jwks{}, err
		}
		return idp.fetchKeys(ctx, m, cached)
	})
}

// discovered returns the issuer and its metadata, for a call that may use cached documents. The caller must call done.
func (l *Login) discovered(ctx context.Context) (idp *issuer, m metadata, done func(), err error) {
	if err := l.check(); err != nil {
		return nil, metadata{}, nil, err
	}
	inner, cancel := context.WithCancel(ctx)
	events := &notifier{notify: l.Notify}
	done = func() { cancel(); events.stop() }
	idp = l.newIssuer(inner, events, cached)
	if m, err = idp.discovery.wait(ctx); err != nil {
		done()
		return nil, metadata{}, nil, err
	}
	return idp, m, done, nil
}
