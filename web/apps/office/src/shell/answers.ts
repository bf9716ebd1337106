// What every screen remembers of the server's answers, and which of them are too old to be believed: the library takes a
// fetch asked for during the first one for the same, and lets a fetch overwrite what a command has answered meanwhile.

import { hashKey, Query, QueryCache, type DefaultError, type QueryClient, type QueryKey, type QueryState } from '@tanstack/vue-query'

/** As the library itself has them, without the refs of Vue. */
type Options<T, E, D, K extends QueryKey> = NonNullable<ConstructorParameters<typeof Query<T, E, D, K>>[0]['options']> & { queryKey: K }

class Present<T, E, D, K extends QueryKey> extends Query<T, E, D, K> {
  /** Asked for anew during its first fetch, it is fetched once more behind it: that answer may be from before what was just done. */
  override async fetch(...[options, how]: Parameters<Query<T, E, D, K>['fetch']>): Promise<D> {
    const isFirst = how?.cancelRefetch === true && this.state.data === undefined && this.state.fetchStatus !== 'idle'
    const answer = await super.fetch(options, how)
    return isFirst ? super.fetch(options) : answer
  }

  /** What a command has answered is newer than any fetch under way: that one is asked for again. */
  override setData(...[data, options]: Parameters<Query<T, E, D, K>['setData']>): D {
    const known = super.setData(data, options)
    if (options?.manual === true && this.state.fetchStatus !== 'idle') void this.fetch(undefined, { cancelRefetch: true }).catch(() => undefined)
    return known
  }
}

export class Answers extends QueryCache {
  /** The library asks with its defaults filled in already. */
  override build<T, E = DefaultError, D = T, K extends QueryKey = QueryKey>(client: QueryClient, options: Options<T, E, D, K>, state?: QueryState<D, E>): Query<T, E, D, K> {
    const { queryKey, queryHash = hashKey(queryKey) } = options
    const known = this.get<T, E, D, K>(queryHash)
    if (known !== undefined) return known
    const query = new Present<T, E, D, K>({ client, queryKey, queryHash, options, ...(state && { state }), defaultOptions: client.getQueryDefaults(queryKey) })
    this.add(query)
    return query
  }
}
