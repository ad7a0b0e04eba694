-- AlterEnum
ALTER TYPE "OrderState" ADD VALUE 'CANCELLED';
