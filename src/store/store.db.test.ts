import { describeOnEveryStore } from '../../test/support/stores.ts'
import { storeContract } from './store.testsuite.ts'

describeOnEveryStore('store', storeContract)
